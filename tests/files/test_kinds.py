"""Kinds of files: what is no CSV is refused by its name, and a zip or gzip with one CSV in it is loaded."""

import bz2
import gzip
import hashlib
import io
import lzma
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import start_client
from project import PROJECT
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database reads the file

CSV = b"1,Dev\n2,Clerk\n"
DOCUMENT = "the file is a workbook (.xlsx or .ods) or another document: save its sheet as CSV"


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive with the files, by name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name, content in files:
            writer.writestr(name, content)
    return archive.getvalue()


def database(folder: Path) -> bytes:
    """Return the file of an SQLite database."""
    with sqlite3.connect(folder / "jobs.db") as connection:
        connection.execute("CREATE TABLE jobs (id INTEGER, job TEXT)")
    connection.close()
    return (folder / "jobs.db").read_bytes()


def refused(client: Client, file: bytes, code: str = "not_csv") -> str:
    """Send a file that is refused as a whole, hold the ledger to it, and return what is said of it."""
    answer = client.upload("jobs", file, status=422)

    upload = client.get(f"/uploads/{answer['upload_id']}")
    assert (answer["code"], answer["read"], answer["dialect"], upload["dialect"]) == (code, 0, None, None)
    assert (upload["status"], upload["reason"], upload["hints"]) == ("refused", answer["detail"], answer["hints"])
    assert (upload["bytes"], upload["sha256"]) == (len(file), hashlib.sha256(file).hexdigest())
    return answer["detail"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(lambda folder: gzip.compress(gzip.compress(CSV)), "gzip inside another archive, and no CSV: unpack it once, as with gunzip", id="gzip in gzip"),
        pytest.param(lambda folder: zipped(("jobs.csv.gz", gzip.compress(CSV))), "gzip inside another archive, and no CSV: unpack it once, as with gunzip", id="gzip in zip"),
        pytest.param(lambda folder: zipped(("jobs.zip", zipped(("jobs.csv", CSV)))), "a zip archive inside another archive, and no CSV: unpack it once, as with unzip", id="zip in zip"),
        pytest.param(lambda folder: zipped(), "an empty zip archive, and no CSV: send the file that should be in it", id="empty zip"),
        pytest.param(lambda folder: bz2.compress(CSV), "a bzip2 archive, and no CSV: unpack it, as with bunzip2", id="bzip2"),
        pytest.param(lambda folder: bz2.compress(b""), "a bzip2 archive, and no CSV: unpack it, as with bunzip2", id="bzip2 of nothing"),
        pytest.param(lambda folder: lzma.compress(CSV), "an xz archive, and no CSV: unpack it, as with unxz", id="xz"),
        pytest.param(lambda folder: b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive, and no CSV: unpack it, as with 7z x", id="7z"),
        pytest.param(lambda folder: b"Rar!\x1a\x07\x01\x00", "a RAR archive, and no CSV: unpack it, as with unrar x", id="RAR"),
        pytest.param(lambda folder: b"\x28\xb5\x2f\xfd\x24\x0e", "a Zstandard archive, and no CSV: unpack it, as with unzstd", id="Zstandard"),
        pytest.param(lambda folder: b"PAR1\x15\x04\x15\x10", "a Parquet file, and no CSV: write it as CSV, as pandas does: read_parquet(...).to_csv(..., index=False)", id="Parquet"),
        pytest.param(lambda folder: b"ARROW1\x00\x00\xff\xff", "an Arrow file, and no CSV: write it as CSV, as pandas does: read_feather(...).to_csv(..., index=False)", id="Arrow"),
        pytest.param(database, "an SQLite database, and no CSV: write a table of it as CSV, as with sqlite3 -csv FILE 'SELECT ...'", id="SQLite"),
        pytest.param(lambda folder: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "a workbook of old Excel (.xls), and no CSV: save the sheet as CSV", id="xls"),
        pytest.param(lambda folder: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF, and no CSV: ask for the data as CSV", id="PDF"),
        pytest.param(lambda folder: (PROJECT / "docs/page.png").read_bytes(), "a PNG picture, and no CSV: ask for the data as CSV", id="PNG"),
        pytest.param(lambda folder: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a JPEG picture, and no CSV: ask for the data as CSV", id="JPEG"),
        pytest.param(lambda folder: b"GIF89a\x01\x00\x01\x00", "a GIF picture, and no CSV: ask for the data as CSV", id="GIF"),
        pytest.param(lambda folder: Path(sys.executable).read_bytes()[:4096], "a program, and no CSV: ask for the data as CSV", id="ELF"),
        pytest.param(lambda folder: b'[{"id": 1, "job": "Dev"}]', "JSON, and no CSV: write it as CSV, as with jq -r '[.id, .name] | @csv'", id="JSON"),
        pytest.param(lambda folder: b'{"id": 1, "job": "Dev"}\n{"id": 2, "job": "Clerk"}\n', "JSON, and no CSV: write it as CSV, as with jq -r '[.id, .name] | @csv'", id="JSON lines"),
        pytest.param(lambda folder: b"\xef\xbb\xbf<!DOCTYPE html>\n<table>", "HTML, and no CSV: open it in a spreadsheet and save it as CSV", id="HTML behind a mark"),
        pytest.param(lambda folder: "\n<table border=1>".encode("utf-16"), "HTML, and no CSV: open it in a spreadsheet and save it as CSV", id="HTML in UTF-16"),
        pytest.param(lambda folder: b'<?xml version="1.0"?><jobs/>', "XML, and no CSV: open it in a spreadsheet and save it as CSV", id="XML"),
    ],
)  # fmt: skip
def test_file_of_another_kind_is_refused_by_its_name(
    client: Client, tmp_path: Path, make: Callable[[Path], bytes], sentence: str
) -> None:
    assert refused(client, make(tmp_path)) == f"the file is {sentence}"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), id="xlsx"),
        pytest.param(("mimetype", "content.xml", "META-INF/manifest.xml"), id="ods"),
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_workbook_is_refused_as_such(client: Client, names: tuple[str, ...], method: int) -> None:
    assert refused(client, zipped(*((name, b"<x/>") for name in names), method=method)) == DOCUMENT


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_until_it_is_said(client: Client, codec: str) -> None:
    file = "1,Zoë\n2,Clerk\n".encode(codec)

    detail = refused(client, file, "encoding_not_given")
    said = client.upload("jobs", file, encoding="utf-16")

    assert detail == "the file is UTF-16 without a byte order mark. encoding=utf-16 reads it."
    assert (said["dialect"]["encoding"], client.rows("jobs")) == ("utf-16", [["1", "Zoë"], ["2", "Clerk"]])


@pytest.mark.parametrize(
    ("file", "query", "first"),
    [
        pytest.param(b"PK,name\nDev,1\n", {}, "Dev", id="header that begins as a zip"),
        pytest.param(b"PK,1\n", {"header": "false"}, "PK", id="text that begins as a zip"),
        pytest.param(b"BZh,1\n", {"header": "false"}, "BZh", id="text that begins as bzip2"),
        pytest.param(b"BZh91AY,1\n", {"header": "false"}, "BZh91AY", id="text that goes on as bzip2"),
        pytest.param(b"PAR1,1\n", {"header": "false"}, "PAR1", id="text that begins as Parquet"),
        pytest.param(b"PAR1\tx;1\n", {"header": "false", "delimiter": ";"}, "PAR1\tx", id="tab behind Parquet's beginning"),
        pytest.param(b"ARROW1,1\n", {"header": "false"}, "ARROW1", id="text that begins as Arrow"),
        pytest.param(b"SQLite format 3,1\n", {"header": "false"}, "SQLite format 3", id="text that begins as SQLite"),
        pytest.param(b"7z,1\n", {"header": "false"}, "7z", id="text that begins as 7z"),
        pytest.param(b"Rar!,1\n", {"header": "false"}, "Rar!", id="text that begins as RAR"),
        pytest.param(b"[x],1\n", {"header": "false"}, "[x]", id="text in brackets"),
        pytest.param(b"{x},1\n", {"header": "false"}, "{x}", id="text in braces"),
        pytest.param(b"<tablet>,1\n", {"header": "false"}, "<tablet>", id="text that begins as HTML"),
        pytest.param("РП,1\n".encode("cp1251"), {"header": "false", "encoding": "cp1251"}, "РП", id="first bytes of old Excel's kind"),
    ],
)  # fmt: skip
def test_csv_that_begins_like_another_kind_is_loaded(
    client: Client, file: bytes, query: dict[str, str], first: str
) -> None:
    answer = client.upload("jobs", file, columns="job,id", **query)

    assert (answer["inserted"], answer["rejected"]) == (1, 0)
    assert client.rows("jobs") == [["1", first]]


@pytest.mark.parametrize(
    ("file", "query"),
    [
        pytest.param("7,Dev\n--\n", {}, id="record of dashes"),
        pytest.param("Jobs\n----\nid,job\n7,Dev\n", {"header": "3"}, id="title with a line below it"),
    ],
)
def test_line_of_dashes_makes_no_table_of_a_terminal(client: Client, file: str, query: dict[str, str]) -> None:
    client.upload("jobs", file, **query)

    assert client.rows("jobs") == [["7", "Dev"]]


def test_few_nul_characters_make_no_utf_16(client: Client) -> None:
    answer = client.upload("jobs", b"1,D\0ev\n2,Clerk\n3,\0\0\n4,Cook\n")

    assert [(reject["line"], reject["code"]) for reject in answer["rejects"]] == [
        (1, "nul_character"),
        (3, "nul_character"),
    ]
    assert client.rows("jobs") == [["2", "Clerk"], ["4", "Cook"]]


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(zipped(("jobs.csv", CSV), method=zipfile.ZIP_STORED), id="stored"),
        pytest.param(zipped(("jobs.csv", CSV)), id="deflated"),
        pytest.param(zipped(("2021/", b""), ("2021/july/", b""), ("2021/july/jobs.csv", CSV)), id="in folders"),
        pytest.param(
            zipped(("__MACOSX/._jobs.csv", b"x"), (".DS_Store", b"x"), ("a/.x", b"x"), ("jobs.csv", CSV)), id="of a Mac"
        ),
        pytest.param(gzip.compress(zipped(("jobs.csv", CSV))), id="in gzip"),
        pytest.param(zipped(("jobs.csv", b"\xef\xbb\xbf" + CSV)), id="with a byte order mark"),
        pytest.param(zipped(("jobs.csv", "1,Dev\n2,Clerk\n".encode("utf-16"))), id="in UTF-16"),
    ],
)
def test_zip_with_one_csv_is_loaded(client: Client, archive: bytes) -> None:
    answer = client.upload("jobs", archive)

    assert (answer["inserted"], answer["rejected"]) == (2, 0)
    assert client.rows("jobs") == [["1", "Dev"], ["2", "Clerk"]]
    upload = client.get("/uploads/1")
    assert (upload["bytes"], upload["sha256"]) == (len(archive), hashlib.sha256(archive).hexdigest())


def test_comment_behind_a_zip_keeps_nothing_from_being_loaded(client: Client) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("jobs.csv", CSV)
        writer.comment = b"jobs of 2021"

    assert client.upload("jobs", archive.getvalue())["inserted"] == 2


def encrypted(archive: bytes) -> bytes:
    """Return an archive whose file says that it is encrypted, before it and in the directory (APPNOTE 4.3.7, 4.3.12)."""
    marked = bytearray(archive)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        marked[archive.index(magic) + flags] |= 1
    return bytes(marked)


MANY = zipped(*((f"{'x' * 200}{number}", b"") for number in range(300)))


@pytest.mark.parametrize(
    ("archive", "sentence"),
    [
        pytest.param(zipped(("a.csv", CSV), ("b.csv", CSV)), "the zip archive holds 2 files: expected one CSV, so send one file each", id="two files"),
        pytest.param(zipped(("a/", b""), ("__MACOSX/a.csv", CSV)), "the zip archive holds 0 files: expected one CSV, so send one file each", id="no file that counts"),
        pytest.param(encrypted(zipped(("a.csv", CSV))), "the file in the zip archive is encrypted, or not packed by deflate: unpack it first", id="encrypted"),
        pytest.param(zipped(("a.csv", CSV), method=zipfile.ZIP_BZIP2), "the file in the zip archive is encrypted, or not packed by deflate: unpack it first", id="packed by bzip2"),
        pytest.param(MANY, "the zip archive has a directory of over 65536 bytes: send one file", id="long directory"),
    ],
)  # fmt: skip
def test_zip_that_is_not_one_file_to_be_unpacked_is_refused(client: Client, archive: bytes, sentence: str) -> None:
    assert refused(client, archive) == sentence


NOISE = hashlib.shake_256(b"noise").digest(5000).hex().encode()


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(zipped(("a.csv", CSV), method=zipfile.ZIP_STORED).replace(b"Clerk", b"Clark", 1), id="wrong checksum"),
        pytest.param(zipped(("a.csv", NOISE)).replace(b"a.csv", b"b.csv", 1), id="other name than in the directory"),
        pytest.param(zipped(("a.csv", NOISE))[:100] + b"\xff" * 100 + zipped(("a.csv", NOISE))[200:], id="broken in its middle"),
        pytest.param(b"PK\x03\x04" + b"\0" * 100, id="no directory"),
    ],
)  # fmt: skip
def test_damaged_zip_stores_nothing(client: Client, archive: bytes) -> None:
    answer = client.upload("jobs", archive, status=400)

    assert answer == {
        "title": "Bad Request",
        "status": 400,
        "code": "archive_damaged",
        "detail": "the zip archive is damaged; nothing is stored",
    }
    assert client.rows("jobs") == []


def test_zip_that_is_cut_anywhere_is_damaged(client: Client) -> None:
    archive = zipped(("jobs.csv", CSV))

    codes = [client.upload("jobs", archive[:end], status=None)["code"] for end in range(4, len(archive))]

    assert codes == ["archive_damaged"] * (len(archive) - 4)
    assert client.get("/uploads") == []


def test_zip_that_unpacks_to_too_much_stores_nothing(settings: dict[str, str]) -> None:
    client = start_client(settings | {"MAX_UPLOAD_BYTES": "1000000"})
    bomb = zipped(("jobs.csv", b"1,a\n" * 250_001))

    answer = client.upload("jobs", bomb, status=413)
    fitting = client.upload("jobs", zipped(("jobs.csv", b"1,a\n" * 250_000)))

    assert len(bomb) < 10_000
    assert (answer["code"], answer["detail"]) == (
        "file_too_large",
        "the file is larger than 1000000 bytes (MAX_UPLOAD_BYTES)",
    )
    assert fitting["read"] == 250_000
