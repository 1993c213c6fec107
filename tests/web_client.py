"""A client that holds every upload to its account."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import webtest
from described import DescribedApp

import service

HEALTHY = {"status": "ok", "version": service.VERSION}
"""What /health answers where all is well."""


class Client:
    """Speaks to a service by WebTest, and checks after every upload that its account is true."""

    def __init__(self, app: Any):
        self.app = DescribedApp(app)

    def upload(self, table: str, file: str | bytes, status: int | None = 200, **query: Any) -> dict[str, Any]:
        """Send a file as a form, and return the answer; status None takes any."""
        return self.upload_to(f"{table}{query_of(query)}", file, status)

    def upload_to(self, target: str, file: str | bytes, status: int | None = 200) -> dict[str, Any]:
        """Send a file as a form to a table with its query, and return the answer."""
        content = file.encode() if isinstance(file, str) else file
        table = target.partition("?")[0]
        files = [("file", f"{table}.csv", content)]
        return self._checked(
            target,
            lambda: self.app.post(f"/upload/{target}", upload_files=files, status=status, expect_errors=status is None),
        )

    def post(self, table: str, body: bytes, status: int = 200, **headers: str) -> dict[str, Any]:
        """Send a body as it is, and return the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._checked(table, lambda: self.app.post(f"/upload/{table}", body, headers, status=status))

    def get(self, url: str, status: int = 200, **headers: str) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.get(url, headers=headers, status=status).json

    def rows(self, table: str) -> list[list[str]]:
        """Return the rows that are stored, by id."""
        return list(csv.reader(io.StringIO(self.app.get(f"/tables/{table}.csv").text, newline="")))[1:]

    def _checked(self, target: str, send: Callable[[], webtest.TestResponse]) -> dict[str, Any]:
        table = target.partition("?")[0]
        before = self._count(table)
        answer = send()
        grown = self._count(table) - before
        if "dry_run=true" in target or ("atomic=true" in target and answer.status_int != 200):
            assert grown == 0
            grown = answer.json.get("inserted", 0)
        check_account(answer.json, grown)
        if "upload_id" in answer.json:
            check_ids(answer.json, self.app.get(answer.json["ids_url"]).text.splitlines())
        return answer.json

    def _count(self, table: str) -> int:
        return next((listed["rows"] for listed in self.get("/tables") if listed["name"] == table), 0)


def check_account(answer: dict[str, Any], grown: int) -> None:
    """Assert that every record is accounted for, and that the table grew by what was inserted."""
    if "upload_id" not in answer:
        assert grown == 0
        return
    assert answer["read"] == answer["inserted"] + answer["updated"] + answer["skipped"] + answer["rejected"]
    assert grown == answer["inserted"]
    assert len(answer["skipped_duplicates"]) == min(answer["skipped"], 10_000)
    assert len(answer["rejects"]) == min(answer["rejected"], 100)


def check_ids(answer: dict[str, Any], lines: list[str]) -> None:
    """Assert that the ids of an upload, each with its outcome, are those that its account counts and shows."""
    outcomes = [(int(key), outcome) for key, outcome in (line.split(",") for line in lines[1:])]
    skipped = [key for key, outcome in outcomes if outcome in ("skipped", "conflict")]
    assert lines[0] == "id,outcome"
    assert Counter(outcome for _, outcome in outcomes)["inserted"] == answer["inserted"]
    assert Counter(outcome for _, outcome in outcomes)["updated"] == answer["updated"]
    assert len(skipped) == answer["skipped"]
    assert skipped[:10_000] == answer["skipped_duplicates"]
    conflicts = [key for key, outcome in outcomes if outcome == "conflict"]
    assert Counter(conflicts[:10_000]) == Counter(answer["conflicts"])


def query_of(query: dict[str, Any]) -> str:
    return f"?{urlencode(query)}" if query else ""
