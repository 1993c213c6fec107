"""What an upload may make an answer and the ledger hold, whatever it sends."""

import pytest
from conftest import Client

LONG = "x" * 3000
SHOWN = f"{'x' * 60}..."
on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""What a file says is read alike on every database."""


@on_sqlite
@pytest.mark.parametrize(
    ("url", "detail"),
    [
        (f"/upload/{LONG}", f"{SHOWN} is not one of departments, hired_employees, jobs"),
        (f"/upload/jobs?{LONG}=1", f"the parameter {SHOWN} is not one of "),
        (f"/upload/jobs?dates={LONG}", f"the parameter dates is '{SHOWN}', which is not one of iso, "),
        (f"/upload/jobs?columns={LONG}", f"the parameter columns has '{SHOWN}', which is not one of id, job, "),
        (f"/upload/jobs?nulls={LONG},,", "the parameter nulls is '" + SHOWN + "': expected words"),
        (f"/upload/jobs?timezone={LONG}", f"the parameter timezone is '{SHOWN}', which is not a name"),
        (f"/upload/jobs?encoding={LONG}", f"the parameter encoding is '{SHOWN}', which is not one of"),
        (f"/{LONG}", f"nothing is at /{SHOWN[1:]}: "),
    ],
    ids=["table", "parameter", "choice", "column", "words", "timezone", "encoding", "path"],
)
def test_answer_quotes_the_beginning_of_a_long_name(client: Client, url: str, detail: str) -> None:
    answer = client.app.post(url, b"1,a\n", {"Content-Type": "text/csv"}, status="4*").json

    assert answer["detail"].startswith(detail)
    assert len(answer["detail"]) < 400


@on_sqlite
@pytest.mark.proves(
    "an answer quotes the first ten, each in part", "headers of many names and long ones", "the cut of names"
)
def test_answer_quotes_the_beginning_of_a_header_that_does_not_fit(client: Client) -> None:
    names = ["id", "job", LONG, *(f"name {number}" for number in range(30))]

    answer = client.upload("jobs", ",".join(names) + "\n" + "1,a\n", status=422)

    others = ", ".join(f"'name {number}'" for number in range(9))
    assert answer["detail"].startswith(
        f"the header on line 1 does not fit: '{SHOWN}', {others} and 21 more is not a column. "
    )
    assert client.get("/uploads/1")["reason"] == answer["detail"]


@on_sqlite
def test_hint_quotes_the_beginning_of_a_long_value(client: Client) -> None:
    answer = client.upload("jobs", f"{'0' * 3000},00;a\n2;b\n")

    assert answer["hints"] == [
        {
            "sentence": f"1 refused integer is written with a decimal comma, such as '{'0' * 60}...'",
            "options": {"decimal": "comma"},
        }
    ]
