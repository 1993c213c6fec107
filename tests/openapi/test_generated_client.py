"""A client that a generator makes of the description, and that nobody has corrected by hand, does the work."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

TOKEN = "a-token-of-this-test"

USE = """
import io, json, sys
from loadbay_client import AuthenticatedClient
from loadbay_client.api.stats import get_stats_hires_per_quarter_year
from loadbay_client.api.tables import get_tables_table_id
from loadbay_client.api.upload import post_upload_table
from loadbay_client.models import (
    PostUploadTableDates, PostUploadTableFilesBody, PostUploadTableOnConflict, PostUploadTableTable
)
from loadbay_client.types import File

url, token = sys.argv[1:]
client = AuthenticatedClient(url, token)

def upload(table, content, **options):
    body = PostUploadTableFilesBody(File(io.BytesIO(content), f"{table}.csv", "text/csv"))
    return post_upload_table.sync(PostUploadTableTable(table), client=client, body=body, **options).to_dict()

accounts = [
    upload("departments", b"1,Sales\\n"),
    upload("jobs", b"id;job\\n1;Clerk\\nx;Agent\\n", strict=True, idempotency_key="jobs-1"),
    upload("hired_employees", b"7,Ada,01/02/2021,1,1\\n", dates=PostUploadTableDates.DMY),
    upload("hired_employees", b"7,Bob,2021-02-01,1,1\\n", on_conflict=PostUploadTableOnConflict.UPDATE),
    upload("jobs", b"x2,Clerk\\n9x,Agent\\n", header="false"),
]
report = get_stats_hires_per_quarter_year.sync(2021, client=client)
row = get_tables_table_id.sync("hired_employees", 7, client=client)
json.dump([accounts, [item.to_dict() for item in report], row.to_dict()], sys.stdout)
"""


@pytest.fixture
def generated(serve: Callable[..., Served], tmp_path: Path) -> tuple[Served, Path]:
    """A service, and the folder with a client of it."""
    served = serve(API_TOKEN=TOKEN).wait()
    config, description = tmp_path / "config.yaml", tmp_path / "openapi.json"
    config.write_text("post_hooks: []\n")
    description.write_bytes(served.read("/openapi.json", Authorization=f"Bearer {TOKEN}"))
    generator = Path(sys.executable).with_name("openapi-python-client")
    options = ["generate", "--path", description, "--config", config, "--output-path", tmp_path / "client"]
    subprocess.run([generator, *options], check=True, capture_output=True)
    return served, tmp_path / "client"


def run(served: Served, folder: Path) -> Any:
    environ = os.environ | {"PYTHONPATH": str(folder)}
    ran = subprocess.run([sys.executable, "-c", USE, served.url, TOKEN], env=environ, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_generated_client_uploads_files_and_reads_a_report(generated: tuple[Served, Path]) -> None:
    accounts, report, row = run(*generated)

    outcomes = ("read", "inserted", "updated", "skipped", "rejected")
    assert [[account[name] for name in outcomes] for account in accounts[:4]] == [
        [1, 1, 0, 0, 0],
        [2, 1, 0, 0, 1],
        [1, 1, 0, 0, 0],
        [1, 0, 1, 0, 0],
    ]
    assert accounts[1]["rejects"][0]["code"] == "not_an_integer"
    assert (accounts[4]["code"], accounts[4]["upload_id"], accounts[4]["rejected"]) == ("no_record_fits", 5, 2)
    assert report == [{"department": "Sales", "job": "Clerk", "Q1": 1, "Q2": 0, "Q3": 0, "Q4": 0}]
    assert row["row"]["name"] == "Bob"
    assert row["uploads"] == [{"upload_id": 3, "outcome": "inserted"}, {"upload_id": 4, "outcome": "updated"}]
