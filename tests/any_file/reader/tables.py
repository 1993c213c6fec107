"""The three tables, as the reader has to know them."""

from reader.files import Column, Table

DEPARTMENTS = Table("departments", [Column("id", "integer", True), Column("department", "text", True)])
JOBS = Table("jobs", [Column("id", "integer", True), Column("job", "text", True)])
HIRES = Table(
    "hired_employees",
    [
        Column("id", "integer", True),
        Column("name", "text", False),
        Column("datetime", "timestamp", False),
        Column("department_id", "integer", False),
        Column("job_id", "integer", False),
    ],
)
TABLES = {table.name: table for table in (DEPARTMENTS, JOBS, HIRES)}
