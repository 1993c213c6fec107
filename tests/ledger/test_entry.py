"""An upload's entry in the ledger: small whatever is sent, and its refused rows are as useful as those of any other."""

import csv
import io
from urllib.parse import quote

import pytest
from servers.server import Server
from web_client import Client

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""What is cut is the same on every database."""

ENTRY_BYTES_MAX = 4096
EMOJI = "\U0001f600"
NAMES_TOO_LONG = {
    "sentence": "the names of the header are too long to be kept: in rejects.csv each column has its table's name, and "
    "every other field is called _",
    "options": {},
}


def as_form(name: str, file: str) -> bytes:
    """Return a form with a file of that name."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return f"{head}{file}\r\n--b--\r\n".encode()


def rejects(client: Client, upload_id: int = 1) -> list[list[str]]:
    """Return header and rows of what an upload refused, each without its line."""
    text = client.app.get(f"/uploads/{upload_id}/rejects.csv").body.decode("utf-8-sig")
    return [[*row[:-6], *row[-5:]] for row in csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.proves(
    "its entry in the ledger has at most 4 kB",
    "long names of a file, its columns and its words, a header that is passed over, a reason that quotes them",
    "the cuts of an entry",
)
@pytest.mark.parametrize(
    ("query", "file"),
    [
        pytest.param(
            "extra=ignore", "id,job," + ",".join(EMOJI * 20 for _ in range(3000)) + "\nx,a\n1,a\n", id="names"
        ),
        pytest.param("extra=ignore", "id,job" + "," * 60_000 + "\nx,a\n", id="names of nothing"),
        pytest.param("columns=id,job" + ",-" * 900, EMOJI * 60_000 + "\nx,a\n", id="columns and a header to pass over"),
        pytest.param("nulls=" + quote(",".join("\x01" * 9 for _ in range(100))), "NULL,a\nx,b\n", id="words"),
        pytest.param("nulls=" + quote(EMOJI * 330), "1,z\nNULL,a\nx,b\n", id="a long word, in a hint too"),
        pytest.param("", "id," + ",".join(f"{EMOJI * 60}{n}" for n in range(700)) + "\n1,a\n", id="a reason"),
    ],
)
def test_entry_in_the_ledger_is_small_whatever_is_sent(
    client: Client, server: Server, settings: dict[str, str], query: str, file: str
) -> None:
    form = as_form(EMOJI * 1900, file)

    client.app.post(f"/upload/jobs?{query}", form, {"Content-Type": "multipart/form-data; boundary=b"}, status="*")

    kept = server.execute(settings["DATABASE_URL"], "SELECT file_name, options, dialect, reason, hints FROM uploads")
    assert len(kept) == 1
    assert sum(len(text.encode()) for text in kept[0] if text) < ENTRY_BYTES_MAX


@on_sqlite
def test_what_is_cut_in_an_entry_ends_in_dots(client: Client) -> None:
    form = as_form("n" * 7000, "Nr" * 1000 + ";Name\nx;a\n1;b\n")
    query = "delimiter=%3B&columns=id,job" + ",-" * 70 + "&nulls=" + ",".join(["NULL", *["n" * 30] * 50])

    client.post(f"jobs?{query}", form, 422, Content_Type="multipart/form-data; boundary=b")

    upload = client.get("/uploads/1")
    assert upload["file_name"] == "n" * 253 + "..."
    assert upload["options"] == {
        "delimiter": ";",
        "columns": ["id", "job", *["-"] * 47, "..."],
        "nulls": ["NULL", *["n" * 30] * 7, "..."],
    }
    assert upload["dialect"] == {
        "delimiter": ";",
        "encoding": "utf-8",
        "header": True,
        "header_record": "Nr" * 125 + "N...",
        "columns": ["id", "job", *["_"] * 70],
    }


@on_sqlite
def test_reason_and_hints_that_are_too_long_are_cut(client: Client) -> None:
    words = ",".join(["n" * 30] * 60)
    client.upload("hired_employees", "x,NULL,27.7.2021,NULL,\n" * 9, status=422, nulls=words)

    upload = client.get("/uploads/1")
    assert [hint["sentence"] for hint in upload["hints"]] == [
        "9 refused timestamps are written as day, month, year, such as '27.7.2021'",
        "there were more hints, which are too long to be kept",
    ]
    answer = client.upload("jobs", "id," + ",".join(EMOJI * 50 + str(n) for n in range(50)) + "\n", status=422)
    reason = client.get("/uploads/2")["reason"]
    assert len(answer["detail"]) > 700
    assert reason.endswith("...")
    assert answer["detail"].startswith(reason.removesuffix("..."))


@on_sqlite
def test_names_that_are_short_enough_are_kept_as_they_were_sent(client: Client) -> None:
    names = ["ID", "_a", "Job", *(f"_{'n' * 37}" for _ in range(23)), "_" + "n" * 34]

    answer = client.upload("jobs", ",".join(names) + "\nx" + "," * 26 + "\n1,,a" + "," * 24 + "\n")

    assert len(str(names)) == 1024
    assert (client.get("/uploads/1")["dialect"]["columns"], answer["hints"]) == (names, [])
    longer = client.upload(
        "jobs", ",".join([*names[:-1], names[-1] + "n"]) + "\nx" + "," * 26 + "\n1,,a" + "," * 24 + "\n"
    )
    assert client.get("/uploads/2")["dialect"]["columns"] == ["id", 1, "job", 24]
    assert longer["hints"] == [NAMES_TOO_LONG]
    assert client.get("/uploads/2")["hints"] == [NAMES_TOO_LONG]


def test_refused_rows_under_names_that_are_too_long_are_refused_again_and_stored_once_corrected(client: Client) -> None:
    long = [f"Name {n} {'n' * 60}" for n in range(40)]
    names = [*long[:20], "JOB", *long[20:], "Id"]
    rows = [["a"] * 20 + ["Dev"] + ["b"] * 20 + [key] for key in ("1", "x", "")]
    file = "".join(",".join(row) + "\n" for row in [names, *rows, names, ["5", "Cook"], [*rows[0], "more"]])

    first = client.upload("jobs", file, extra="ignore")
    kept = client.app.get(first["rejects_url"]).text
    again = client.upload("jobs", kept, status=422)
    corrected = client.upload("jobs", kept.replace("b,x,", "b,2,").replace('"5,Cook"', f'"{",".join(rows[0][:-1])},5"'))

    assert [reject["code"] for reject in first["rejects"]] == [
        *("not_an_integer", "missing_value", "repeated_header", "wrong_field_count", "wrong_field_count"),
    ]
    assert rejects(client)[0][:-5] == [*["_"] * 20, "job", *["_"] * 20, "id"]
    assert rejects(client, again["upload_id"]) == rejects(client)
    assert (corrected["inserted"], corrected["rejected"]) == (2, 3)
    assert client.rows("jobs") == [["1", "Dev"], ["2", "Dev"], ["5", "Dev"]]


@on_sqlite
def test_header_of_nothing_but_commas_keeps_all_its_fields(client: Client) -> None:
    commas = "," * 65_000

    first = client.upload("jobs", f"id,job{commas}\nx,a{commas}\n1,b{commas}\n", extra="ignore")
    kept = client.app.get(first["rejects_url"]).text
    corrected = client.upload("jobs", kept.replace("x,a", "2,a"))

    assert client.get("/uploads/1")["dialect"]["columns"] == ["id", "job", 65_000]
    assert (corrected["inserted"], corrected["dialect"]["header"]) == (1, True)
    assert client.rows("jobs") == [["1", "b"], ["2", "a"]]


@on_sqlite
def test_nobody_is_told_to_give_the_columns_of_hundreds_of_fields(client: Client) -> None:
    hints = [client.upload("jobs", f"1,a{',' * more}\n" * 5, status=422)["hints"] for more in (198, 199)]

    assert [len(found) for found in hints] == [1, 0]
