"""Files as people really send them: each case is a folder with the file, the URL's end and the account expected."""

import json
from pathlib import Path

import pytest
from web_client import Client

CASES = Path(__file__).parent / "uploads"

UNSAID = {"code": None, "hints": []}
"""What is expected of a case that says nothing about it."""


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_file_is_accounted_for_as_the_case_expects(client: Client, case: Path) -> None:
    expected = UNSAID | json.loads((case / "expected.json").read_text())
    target = (case / "query").read_text().strip()

    answer = client.upload_to(target, (case / "file.csv").read_bytes(), status=expected.pop("status"))

    rejects = [[reject["line"], reject["column"], reject["code"]] for reject in answer["rejects"]]
    assert {
        **{name: answer.get(name) for name in expected},
        "rejects": rejects,
        "stored": client.rows(target.partition("?")[0]),
    } == expected
