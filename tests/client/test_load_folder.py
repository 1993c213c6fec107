"""client/load.py: which table a file goes to, what is sent, what is not sent again, and what is said of it."""

import gzip
import os
import select
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from folder import PROGRAM, Folder, Serve, ended
from project import PROJECT
from served import RECEIVED, Served
from servers.server import Server
from waits import PATIENCE, until

HIRE = "{},Ana,2021-01-01T00:00:00Z,{},{}\n"

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(WEB_CONCURRENCY="1").wait()


@pytest.fixture
def folder(tmp_path: Path, served: Served) -> Folder:
    path = tmp_path / "exports"
    path.mkdir()
    return Folder(path, served.url)


def uploads(served: Served) -> list[dict]:
    """Return the ledger, oldest first."""
    return served.get("/uploads")[::-1]


def test_account_of_the_examples(folder: Folder) -> None:
    for name in ("departments", "hired_employees", "jobs"):
        folder.put(f"{name}.csv", (PROJECT / f"examples/{name}.csv").read_bytes())

    ran = folder.text()

    assert (ran.status, ran.printed.splitlines()) == (
        1,
        [
            "file                 table            upload  status  read  inserted  updated  skipped  conflicts  rejected",
            "departments.csv      departments           1  loaded     4         4        0        0          0         0",
            "hired_employees.csv  hired_employees       3  loaded    13        10        0        2          1         1",
            "jobs.csv             jobs                  2  loaded     4         4        0        0          0         0",
            "                                                        21        18        0        2          1         1",
            "",
            "hired_employees.csv: rows in conflict with what is stored, which stays: 1. /uploads/3/ids.csv has their ids, and -o on_conflict=update lets them change it",
            "hired_employees.csv: the refused rows are in hired_employees.rejects.csv",
            "2 of 3 files are in, with every row",
        ],
    )
    assert folder.names() == ["departments.csv", "hired_employees.csv", "hired_employees.rejects.csv", "jobs.csv"]


def test_tables_that_others_refer_to_are_loaded_first(folder: Folder, served: Served) -> None:
    folder.write(hired_employees=HIRE.format(1, 1, 2), jobs="2,Cook\n", departments="1,Kitchen\n")

    ran = folder.load("hired_employees.csv", "jobs.csv", "departments.csv", options="-o strict=true")

    assert (ran.status, ran.account["is_in"]) == (0, True)
    assert [upload["table"] for upload in uploads(served)] == ["jobs", "departments", "hired_employees"]
    assert ran.files["jobs.csv"] == {
        "file": "jobs.csv", "table": "jobs", "upload_id": 1, "status": "loaded",
        "read": 1, "inserted": 1, "updated": 0, "skipped": 0, "conflicts": 0, "rejected": 0,
        "is_in": True, "rejects": None, "sentences": [],
    }  # fmt: skip


@on_sqlite
def test_name_of_a_file_says_its_table(folder: Folder) -> None:
    names = {
        "departments.csv": "departments",
        "DEPARTMENTS (2).CSV": "departments",
        "2019-jobs-old.csv": "jobs",
        "jobs2019.txt": "jobs",
        "Hired Employees, März.csv": "hired_employees",
        "hired-employees-2019.tsv": "hired_employees",
        "HiredEmployees.csv": "hired_employees",
    }
    for number, (name, table) in enumerate(names.items()):
        row = f"{number},x" if table != "hired_employees" else f"{number},x,2021-01-01,1,1"
        folder.put(name, row.replace(",", "\t") if name.endswith("tsv") else row)

    ran = folder.load()

    assert {name: file["table"] for name, file in ran.files.items()} == names
    assert (ran.status, ran.account["totals"]["inserted"]) == (0, len(names))


@on_sqlite
@pytest.mark.parametrize(
    ("name", "content", "table", "sentences"),
    [
        pytest.param("people.csv", HIRE.format(1, 1, 1), "hired_employees", [], id="fits one"),
        pytest.param("list.csv", "id,job\n1,Cook\n", "jobs", [], id="header of one"),
        pytest.param("list.csv", "1,Cook\n", None, ["fits departments and jobs alike: say by --table, or in its name, which it is for"], id="fits two"),
        pytest.param("departments and jobs.csv", "1,Cook\n", None, ["fits departments and jobs alike: say by --table, or in its name, which it is for"], id="names two"),
        pytest.param("jobsite.csv", "1,Cook\n", None, ["fits departments and jobs alike: say by --table, or in its name, which it is for"], id="a part of a word"),
        pytest.param("list.csv", "a,b,c\n1,2,3\n", None, ["fits none of departments, hired_employees, jobs as it is: say by --table, or in its name, which it is for"], id="fits none"),
        pytest.param("jobs.csv", HIRE.format(1, 1, 1), None, ["its name says jobs, but it fits hired_employees: say by --table which it is for"], id="fits another than it says"),
        pytest.param("list.csv", "", None, ["the file has no records"], id="empty"),
    ],
)  # fmt: skip
def test_table_is_what_the_content_says_and_never_guessed(
    folder: Folder, served: Served, name: str, content: str, table: str | None, sentences: list[str]
) -> None:
    folder.put(name, content)

    ran = folder.load()

    file = ran.files[name]
    assert (file["table"], file["status"], file["sentences"]) == (table, "loaded" if table else "left", sentences)
    assert (ran.status, len(uploads(served))) == ((0, 1) if table else (1, 0))


@on_sqlite
def test_table_that_is_given_is_that_of_all_files(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Kitchen\n", list="2,Hall\n")

    ran = folder.load("jobs.csv", "list.csv", options="--table departments")
    unknown = folder.load("jobs.csv", options="--table cats")

    assert (ran.status, [upload["table"] for upload in uploads(served)]) == (0, ["departments", "departments"])
    assert (unknown.status, unknown.account["stopped"]) == (1, "cats is not one of departments, hired_employees, jobs")
    assert unknown.files["jobs.csv"]["status"] == "not sent"


@on_sqlite
def test_options_are_passed_and_a_wrong_one_is_named(folder: Folder, served: Served) -> None:
    folder.write(hired_employees="1;Ana;27.7.2021;;\n", jobs="7;Cook\n")

    wrong = folder.load(options="-o dates=dym")
    unknown = folder.load(options="-o cats=many")
    ran = folder.load(options="-o dates=dmy --option 'delimiter=;'")

    assert wrong.sentences("jobs.csv") == [
        "the parameter dates is 'dym', which is not one of iso, dmy, mdy, ymd, unix, unix_ms"
    ]
    assert unknown.sentences("jobs.csv")[0].startswith("the parameter cats is not one of ")
    assert (wrong.status, unknown.status, ran.status) == (1, 1, 0)
    assert [upload["options"] for upload in uploads(served)] == [{"delimiter": ";", "dates": "dmy"}] * 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "ftp://x"], "argument --url: 'ftp://x' is no URL of a service, such as http://127.0.0.1:8000 or https://loadbay.example/path"),
        (["--url", "http://a:b@x"], "argument --url: 'http://a:b@x' is no URL of a service, such as http://127.0.0.1:8000 or https://loadbay.example/path"),
        (["-o", "strict"], "argument -o/--option: 'strict' is no option with its value, such as dates=dmy"),
        (["--wait", "-1"], "argument --wait: '-1' is no number of seconds"),
        (["--token-file", "nowhere"], "nowhere cannot be read: No such file or directory"),
        ([], "the following arguments are required: FILE"),
    ],
)  # fmt: skip
def test_wrong_command_ends_with_2_and_says_why(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    file = ["x.csv"] if arguments else []

    ran = subprocess.run([*PROGRAM, *file, *arguments], cwd=tmp_path, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == f"load.py: error: {sentence}"


def test_file_that_is_in_is_not_sent_again(folder: Folder, served: Served) -> None:
    folder.write(departments="1,Kitchen\n", jobs="1,Cook\nx,Cook\n1,Chef\n")
    first = folder.load()

    again = folder.load("departments.csv", "jobs.csv")

    assert (first.status, again.status, len(uploads(served))) == (1, 1, 2)
    assert [file["status"] for file in again.files.values()] == ["loaded before"] * 2
    assert {**again.files["departments.csv"], "status": "loaded"} == first.files["departments.csv"]
    assert again.sentences("jobs.csv") == [
        "is not sent, since the upload 2 was the same: --again sends it again", *first.sentences("jobs.csv")
    ]  # fmt: skip


@on_sqlite
def test_file_that_another_client_has_loaded_is_not_sent_again(folder: Folder, served: Served) -> None:
    folder.write(departments="1,Kitchen\n", jobs="1,Cook\nx,Cook\n")
    served.upload("departments", b"1,Kitchen\n")
    served.upload("jobs?nulls=NA,NULL&strict=true", b"1,Cook\nx,Cook\n")

    alike = folder.load(options="-o nulls=NA,NULL -o strict=true")
    otherwise = folder.load("departments.csv", "jobs.csv", options="-o nulls=na,NULL -o strict=true")

    assert [file["status"] for file in alike.files.values()] == ["loaded before"] * 2
    assert [file["status"] for file in otherwise.files.values()] == ["loaded before", "loaded"]
    assert len(uploads(served)) == 3


@on_sqlite
def test_file_that_is_not_in_as_a_whole_is_sent_with_other_options_or_on_request(
    folder: Folder, served: Served
) -> None:
    folder.write(hired_employees="1,Ana,27.7.2021,,\n2,Bo,,,\n")
    first = folder.load()

    strict = folder.load("hired_employees.csv", options="--again")
    dates = folder.load("hired_employees.csv", options="-o dates=dmy")
    last = folder.load("hired_employees.csv")

    assert (first.status, strict.status, dates.status, last.status) == (1, 1, 0, 0)
    assert [(upload["inserted"], upload["skipped"], upload["rejected"]) for upload in uploads(served)] == [
        (1, 0, 1), (0, 1, 1), (1, 1, 0)
    ]  # fmt: skip
    assert "-o dates=dmy" in first.sentences("hired_employees.csv")[-2]
    assert last.files["hired_employees.csv"]["upload_id"] == 3


@on_sqlite
def test_file_that_was_refused_is_sent_again_and_may_do_by_then(folder: Folder, served: Served) -> None:
    folder.write(hired_employees=HIRE.format(1, 1, 1), jobs="1,Cook\n")
    refused = folder.load(options="-o strict=true")
    folder.write(departments="1,Kitchen\n")

    ran = folder.load("departments.csv", "hired_employees.csv", "jobs.csv", options="-o strict=true")

    assert refused.files["hired_employees.csv"]["status"] == "refused"
    assert [refused.account["totals"][name] for name in ("read", "inserted", "rejected")] == [2, 1, 1]
    assert [file["status"] for file in ran.files.values()] == ["loaded", "loaded", "loaded before"]
    assert ran.status == 0


@on_sqlite
def test_refused_whole_stores_nothing_and_says_so(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\nx,Cook\n2,Chef\n")

    ran = folder.load(options="-o atomic=true")

    file = ran.files["jobs.csv"]
    assert (file["status"], file["read"], file["inserted"], file["rejected"]) == ("refused", 3, 0, 1)
    assert file["sentences"][0] == "of 3 records 1 did not fit, the first in line 2: id is not an integer: 'x'"


@on_sqlite
def test_row_with_other_content_than_what_is_stored_is_not_in(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\n1,Cook\n").put("jobs 2.csv", "1,Chef\n")

    ran = folder.load("jobs.csv", "jobs 2.csv")
    updated = folder.load("jobs 2.csv", options="-o on_conflict=update")

    assert [(file["skipped"], file["conflicts"], file["is_in"]) for file in ran.files.values()] == [
        (1, 0, True), (1, 1, False)
    ]  # fmt: skip
    assert (ran.status, updated.status, updated.files["jobs 2.csv"]["updated"]) == (1, 0, 1)


@on_sqlite
def test_upload_that_ended_early_is_counted_and_sent_again(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\nx,Cook\ny,Cook\n" + "".join(f"{i},Chef\n" for i in range(2, 2000)))

    stopped = folder.load(options="-o max_rejects=1").files["jobs.csv"]
    again = folder.load("jobs.csv", options="-o max_rejects=1").files["jobs.csv"]
    ran = folder.load("jobs.csv").files["jobs.csv"]

    assert (stopped["status"], stopped["read"], stopped["inserted"], stopped["rejected"]) == ("stopped", 1000, 998, 2)
    assert stopped["sentences"][0].startswith("more than 1 records were refused (max_rejects), the first in line 2: ")
    assert (again["status"], again["upload_id"], again["skipped"]) == ("stopped", 2, 998)
    assert (ran["status"], ran["inserted"], ran["skipped"], ran["is_in"]) == ("loaded", 1001, 998, False)


@on_sqlite
def test_dry_run_is_done_each_time_and_counts_as_none(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\n")

    dry = [folder.load(options="-o dry_run=true") for _ in range(2)]
    text = folder.text(options="-o dry_run=true").printed
    ran = folder.load()

    assert [one.files["jobs.csv"]["status"] for one in [*dry, ran]] == ["dry run", "dry run", "loaded"]
    assert [one.status for one in [*dry, ran]] == [0, 0, 0]
    assert text.endswith("1 of 1 files would be in, with every row\n")
    assert len(uploads(served)) == 4


@on_sqlite
def test_file_that_was_taken_back_is_loaded_again(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\n")
    folder.load()
    served.delete("/uploads/1")

    ran = folder.load()

    assert (ran.status, ran.files["jobs.csv"]["status"], ran.files["jobs.csv"]["upload_id"]) == (0, "loaded", 2)
    assert served.get("/tables/jobs/1")["row"] == {"id": 1, "job": "Cook"}


@on_sqlite
def test_file_whose_rows_went_with_another_upload_is_loaded_again(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\n")
    served.upload("jobs", b"1,Cook\n2,Chef\n")
    folder.load()
    served.delete("/uploads/1")

    ran = folder.load()

    assert (ran.status, ran.files["jobs.csv"]["inserted"]) == (0, 1)
    assert served.get("/tables/jobs/1")["row"] == {"id": 1, "job": "Cook"}


@on_sqlite
def test_refused_rows_are_written_beside_the_file_and_never_over_a_correction(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\nx,Chef\n")
    folder.load()
    written = (folder.path / "jobs.rejects.csv").read_bytes()
    corrected = written.replace(b"x,Chef", b"2,Chef")
    folder.put("jobs.rejects.csv", corrected)

    again = folder.load()
    kept = (folder.path / "jobs.rejects.csv").read_bytes()
    alone = folder.load("jobs.rejects.csv")
    folder.write(jobs="1,Cook\ny,Chef\n")
    changed = folder.load()

    assert written == served.read("/uploads/1/rejects.csv")
    assert again.files["jobs.rejects.csv"]["status"] == "left out"
    assert again.sentences("jobs.rejects.csv") == ["has the refused rows of jobs.csv: to load it, name it without that"]
    assert kept == corrected
    assert (folder.path / "jobs.rejects.csv.old").exists()
    old = folder.load("jobs.rejects.csv.old")
    assert (old.status, old.files["jobs.rejects.csv.old"]["status"]) == (0, "left out")
    assert (alone.status, alone.files["jobs.rejects.csv"]["table"]) == (0, "jobs")
    assert served.get("/tables/jobs/2")["row"] == {"id": 2, "job": "Chef"}
    assert changed.files["jobs.csv"]["rejects"] == "jobs.rejects.csv"
    assert (folder.path / "jobs.rejects.csv.old").read_bytes() == corrected
    assert b"y,Chef" in (folder.path / "jobs.rejects.csv").read_bytes()
    assert folder.names() == ["jobs.csv", "jobs.rejects.csv", "jobs.rejects.csv.old"]


@on_sqlite
def test_refused_rows_that_cannot_be_written_are_said_to_be_missing(folder: Folder) -> None:
    folder.write(jobs="1,Cook\nx,Chef\n")
    (folder.path / "jobs.rejects.csv.part").mkdir()

    ran = folder.load("jobs.csv")

    assert ran.sentences("jobs.csv")[-1] == "the refused rows are not in jobs.rejects.csv: Is a directory"
    assert (ran.status, ran.files["jobs.csv"]["inserted"]) == (1, 1)


@on_sqlite
def test_what_is_no_file_to_load_is_left_with_a_sentence(folder: Folder, served: Served) -> None:
    (folder.path / "more").mkdir()
    os.mkfifo(folder.path / "pipe")
    folder.write(jobs="1,Cook\n", empty_jobs="").put("image jobs.png", b"\x89PNG\r\n\x1a\n\0\0" + os.urandom(500))

    ran = folder.load("more", "pipe", "gone.csv", "jobs.csv", "./jobs.csv", "empty_jobs.csv", "image jobs.png")

    assert {name: (file["status"], *file["sentences"]) for name, file in ran.files.items()} == {
        "more": ("left", "is a folder: name the files in it, as in more/*.csv"),
        "pipe": ("left", "is no file that can be read twice: write what it gives into one"),
        "gone.csv": ("left", "cannot be read: No such file or directory"),
        "jobs.csv": ("left out", "is there twice"),
        "empty_jobs.csv": ("refused", "the file has no records"),
        "image jobs.png": ("refused", uploads(served)[-1]["reason"]),
    }
    assert (ran.status, ran.account["totals"]["inserted"]) == (1, 1)
    assert folder.text("more", "gone.csv").printed == (
        "file      table  upload  status  read  inserted  updated  skipped  conflicts  rejected\n"
        "more                     left\n"
        "gone.csv                 left\n"
        "                                    0         0        0        0          0         0\n"
        "\n"
        "more: is a folder: name the files in it, as in more/*.csv\n"
        "gone.csv: cannot be read: No such file or directory\n"
        "0 of 2 files are in, with every row\n"
    )


@on_sqlite
def test_packed_files_and_two_with_one_content_are_taken(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\n").put("copy of jobs.csv", "1,Cook\n")
    folder.put("jobs.csv.gz", gzip.compress(b"2,Chef\n3,x,\n"))
    with zipfile.ZipFile(folder.path / "jobs.zip", "w") as archive:
        archive.writestr("inner.csv", "4,Waiter\n")

    ran = folder.load("jobs.csv", "copy of jobs.csv", "jobs.csv.gz", "jobs.zip")

    assert [(name, file["status"], file["upload_id"]) for name, file in ran.files.items()] == [
        ("jobs.csv", "loaded", 1), ("copy of jobs.csv", "loaded before", 1), ("jobs.csv.gz", "loaded", 2), ("jobs.zip", "loaded", 3)
    ]  # fmt: skip
    assert ran.files["jobs.csv.gz"]["rejects"] == "jobs.csv.gz.rejects.csv"


@on_sqlite
def test_ledger_has_the_names_of_the_files(folder: Folder, served: Served) -> None:
    names = ['jobs "new"; 50%22.csv', "jobs \\ café;x=y.csv", 'jobs \\".csv', "jobs 求人.csv", "jobs'.csv"]
    for number, name in enumerate(names):
        folder.put(name, f"{number},Cook\n")

    ran = folder.load(*names)

    assert (ran.status, [upload["file_name"] for upload in uploads(served)]) == (0, names)


@on_sqlite
def test_names_that_are_no_text_and_those_that_a_terminal_would_obey_are_spelled_out(folder: Folder) -> None:
    names = [b"jobs \xff.csv", b"jobs \x1b[2J\n.csv"]
    for number, name in enumerate(names):
        Path(os.fsdecode(bytes(folder.path) + b"/" + name)).write_text(f"{number},Cook\n")

    ran = folder.text(*map(os.fsdecode, names))

    assert ran.status == 0
    shown = [line.split("  ")[0] for line in ran.printed.splitlines()[1:3]]
    assert shown == ["jobs \\udcff.csv", "jobs \\x1b[2J\\n.csv"]


SLOW = b"".join(b"%d,Job\n" % i for i in range(1, 2001))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_its_user_it_says_how_far_it_came(
    folder: Folder, serve: Serve, server: Server, settings: dict[str, str], number: int
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="100").wait()
    folder.write(departments="1,Kitchen\n", jobs=SLOW.decode())
    with server.hold_at(settings["DATABASE_URL"], 500):
        running = folder.start(options="--json", url=served.url)
        until(lambda: len(found := served.get("/uploads")) == 2 and found[0]["read"] == 400)
        running.send_signal(number)
        ran = ended(running)

    again = folder.load(url=served.url)

    assert (ran.status, ran.account["stopped"]) == (130, "interrupted: called again, it goes on")
    assert [file["status"] for file in ran.files.values()] == ["loaded", "broken off"]
    assert (again.status, again.account["totals"]["inserted"], len(uploads(served))) == (0, 2001, 2)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ends = os.openpty()
    yield ends
    for end in ends:
        os.close(end)


@on_sqlite
def test_terminal_gets_a_bar_of_bytes_and_then_of_rows(
    folder: Folder, serve: Serve, server: Server, settings: dict[str, str], terminal: tuple[int, int]
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="100").wait()
    folder.write(jobs=SLOW.decode())
    shown = b""
    with server.hold_at(settings["DATABASE_URL"], 1501):
        running = subprocess.Popen(
            [*PROGRAM, "jobs.csv", "--url", served.url], cwd=folder.path, stdout=subprocess.PIPE, stderr=terminal[1]
        )
        while b"1,500 rows" not in shown:
            assert select.select([terminal[0]], [], [], PATIENCE)[0]
            shown += os.read(terminal[0], 65536)
    running.communicate()

    assert running.returncode == 0
    assert b"[########################] %s bytes of jobs.csv" % f"{len(SLOW):,}".encode() in shown
    assert b"[##################      ] 1,500 rows of jobs.csv" in shown


@on_sqlite
def test_file_that_is_larger_than_the_memory_there_is_is_loaded(folder: Folder, served: Served) -> None:
    folder.write(jobs=RECEIVED)
    limited = ["sh", "-c", f'ulimit -v {len(RECEIVED) // 1024 + 8192}; exec "$@"', "sh"]

    ran = subprocess.run(
        [*limited, *PROGRAM, "jobs.csv", "--url", served.url], cwd=folder.path, capture_output=True, text=True
    )

    assert (ran.returncode, [upload["inserted"] for upload in uploads(served)]) == (0, [32_000])
