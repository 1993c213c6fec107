"""What must become of every record of a file: the rules written a second time, straight and slow, for tests to compare."""

from reader.files import Outcome, Refusal, Row, read
from reader.tables import DEPARTMENTS, HIRES, JOBS, TABLES

__all__ = ["DEPARTMENTS", "HIRES", "JOBS", "TABLES", "Outcome", "Refusal", "Row", "read"]
