#!/usr/bin/env python3
"""A folder of files into a Loadbay, and one account of it: python3 load.py exports/*.csv --url https://loadbay.example

One file for Python 3.11 and its standard library alone, to be copied anywhere. docs/load.md says what it does.
"""

import argparse
import filecmp
import hashlib
import json
import os
import re
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import combinations
from pathlib import Path
from ssl import SSLCertVerificationError
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

URL = "http://127.0.0.1:8000"
TOKEN = "LOADBAY_TOKEN"

WAIT_SECONDS = 600
"""So long a file waits in all for what may pass, unless its load gets on."""

PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.5, 30
"""The first pause before the next try, and the longest; each is twice as long as the one before."""

QUIET_SECONDS, ANSWER_SECONDS = 60, 3600
"""So long a connection may take nothing or say nothing, and so long an upload's answer may take: it is loaded first."""

KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""In seconds, and times: how it is noticed meanwhile that the other machine is gone (tcp(7))."""

LOOK_SECONDS, BAR_CHARS = 0.5, 24
START_BYTES, CHUNK_BYTES = 256 * 1024, 64 * 1024

PASSING = {408, 429, 502, 503, 504, 507}
"""After these statuses, of the service or of a proxy before it, the same request may do."""

PASSING_CODES = {"broken_transfer", "still_running", "overtaken"}
"""After errors of these codes the ledger says how to go on."""

COUNTS = ("read", "inserted", "updated", "skipped", "conflicts", "rejected")
REJECTS = ".rejects.csv"

Entry = dict[str, Any]
"""An upload as the ledger has it."""

Query = Sequence[tuple[str, str]]


def main() -> int:
    """Load the files that the command line names, print the account, and return the status to end with."""
    given = read_arguments()
    files = [File(path) for path in given.files]
    stopped, status = None, 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        Loader(given).load_all(files)
    except Stop as stop:
        stopped = str(stop)
    except KeyboardInterrupt:
        stopped, status = "interrupted: called again, it goes on", 130
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    print(as_json(files, stopped) if given.json else as_text(files, stopped))
    return status or int(any(file.is_missing for file in files))


class Failed(Exception):
    """Why a file is not in."""


class Stop(Exception):
    """Why no file can be loaded any more."""


class Passing(Exception):
    """What may pass: a service that is away or busy, a connection that breaks off."""

    def __init__(self, sentence: str, retry_after: float = 0):
        super().__init__(sentence)
        self.retry_after = retry_after


@dataclass
class File:
    """A file, and what became of it: its entry in the ledger, and sentences that say what is wrong and what to do."""

    path: Path
    table: str = ""
    status: str = "not sent"
    sentences: list[str] = field(default_factory=list)
    entry: Entry = field(default_factory=dict)
    rejects: Path | None = None
    sha256: str = ""
    size: int = 0
    lines: int = 0

    @property
    def is_missing(self) -> bool:
        """Whether it was to be loaded, and not every row of it is in."""
        return self.status != "left out" and not (self.entry and is_in(self.entry))

    @property
    def counts(self) -> dict[str, int | None]:
        """What became of its records; of a file that was refused as a whole nothing is stored."""
        stored = dict.fromkeys(COUNTS[1:-1], 0) if self.entry.get("status") == "refused" else {}
        return {name: self.entry.get(name) for name in COUNTS} | stored

    @property
    def rejects_path(self) -> Path:
        name = self.path.name
        return self.path.with_name((name[:-4] if name.lower().endswith(".csv") else name) + REJECTS)

    def end(self, status: str, *sentences: str) -> None:
        self.status = status
        self.sentences += sentences

    def hint(self, hints: Iterable[Mapping[str, Any]]) -> None:
        """Say what the service advises for the next try."""
        for hint in hints:
            options = [word for name, value in hint["options"].items() for word in ("-o", f"{name}={value}")]
            self.sentences.append(": ".join(filter(None, [hint["sentence"], shlex.join(options)])))

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Give the block its content. Raises Failed for what cannot be read, now or in the block."""
        try:
            if self.path.is_dir():
                raise Failed(f"is a folder: name the files in it, as in {self.path}/*.csv")
            if self.path.exists() and not self.path.is_file():
                raise Failed("is no file that can be read twice: write what it gives into one")
            with self.path.open("rb") as content:
                yield content
        except OSError as error:
            raise Failed(f"cannot be read: {reason_of(error)}") from None

    def start(self) -> bytes:
        with self.opened() as content:
            return content.read(START_BYTES)

    def measure(self) -> None:
        """Find out its SHA-256, its size in bytes, and its lines, none where it is packed."""
        found, self.size, self.lines = hashlib.sha256(), 0, 0
        with self.opened() as content:
            is_packed = content.read(2) in (b"\x1f\x8b", b"PK")
            content.seek(0)
            while chunk := content.read(CHUNK_BYTES):
                found.update(chunk)
                self.size += len(chunk)
                self.lines += 0 if is_packed else chunk.count(b"\n")
        self.sha256 = found.hexdigest()

    def pieces(self, sent: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the bytes that were measured. Raises Failed behind them where the file has changed since."""
        found, left = hashlib.sha256(), self.size
        with self.opened() as content:
            while left and (chunk := content.read(min(CHUNK_BYTES, left))):
                yield chunk
                found.update(chunk)
                left -= len(chunk)
                sent(self.size - left)
            is_same = not left and not content.read(1) and found.hexdigest() == self.sha256
        if not is_same:
            raise Failed(
                "changed while it was sent, so that nothing of it is stored: load it again once it is complete"
            )


class Loader:
    """Loads files, each into its table: those first that others refer to."""

    def __init__(self, given: argparse.Namespace):
        self.service = Service(given.url, given.token)
        self.screen = Screen()
        self.patience = Patience(given.wait, self.screen, "the service")
        self.table: str | None = given.table
        self.options: Query = given.option
        self.again: bool = given.again

    def load_all(self, files: Sequence[File]) -> None:
        """Load the files. Raises Stop where the service will take no other either."""
        leave_out(files)
        tables = self.tables()
        given = [file for file in files if file.status != "left out"]
        for file in given:
            self.try_to(partial(self.choose_table, tables=tables), file, "left")
        for file in in_order([file for file in given if file.table], tables):
            self.try_to(self.load, file, "failed")
            self.screen.line(f"{file.path}: {file.status}")

    def try_to(self, work: Callable[[File], None], file: File, otherwise: str) -> None:
        """Do a part of the work on a file, which ends with the other status where that fails."""
        self.patience = Patience(self.patience.seconds, self.screen, str(file.path))
        try:
            work(file)
        except Failed as failed:
            file.end(otherwise, str(failed))

    def tables(self) -> dict[str, list[str]]:
        """Return the names of the tables, each with those that it refers to."""
        answer = self.ask("GET", "/tables")
        listed = answer.content if answer.status == 200 and isinstance(answer.content, list) else []
        tables = {table["name"]: table.get("refers_to", []) for table in listed if "name" in table}
        if not tables:
            raise Stop(f"{self.service.url} is no Loadbay: its /tables answers {answer.detail}")
        if self.table and self.table not in tables:
            raise Stop(f"{self.table} is not one of {', '.join(tables)}")
        return tables

    def choose_table(self, file: File, tables: Iterable[str]) -> None:
        """Find the file's table: the one that was given, or that its name has in it, or the only one that it fits."""
        named = self.table or named_in(file.path.name, tables)
        target = f"/preview/{quote(named)}" if named else "/preview"
        seen = self.ask("POST", target, self.options, file.start(), {"Content-Type": "text/csv"}).expect(dict)
        fits, problem = seen["tables"], seen.get("problem", {"code": "no_table_fits"})
        if named and not self.table and fits and named not in fits:
            raise Failed(f"its name says {named}, but it fits {' and '.join(fits)}: say by --table which it is for")
        if not named and len(fits) != 1:
            file.hint(seen["hints"])
            alike = f"fits {' and '.join(fits)} alike" if fits else f"fits none of {', '.join(tables)} as it is"
            sentence = f"{alike}: say by --table, or in its name, which it is for"
            if fits or problem["code"] == "no_table_fits":
                raise Failed(sentence)
            ways = problem.get("ways")
            raise Failed(f"{problem['detail']} {'; '.join(ways)}." if ways else problem["detail"])
        file.table = named or fits[0]

    def load(self, file: File) -> None:
        """Load a file, unless the ledger says that it is in, and write its refused rows beside it."""
        file.measure()
        entry, key = self.loaded_before(file)
        file.status = "broken off"
        file.entry = entry or self.send_to_its_end(file, key)
        status = "dry run" if is_dry_run(file.entry) else file.entry["status"].replace("finished", "loaded")
        file.end("loaded before" if entry else status, *sentences_of(file.entry, is_old=bool(entry)))
        if file.is_missing or not entry:
            file.hint(file.entry["hints"])
        if file.entry["rejected"]:
            self.write_rejects(file, is_old=bool(entry))

    def loaded_before(self, file: File) -> tuple[Entry | None, str]:
        """Return the upload by which a file is in, or was loaded with these options; and the key to send it with.

        That belongs to the file, its table and the options, and goes on with what was interrupted. What has ended is
        followed by an upload of its own: it may be another answer by now.
        """
        request = json.dumps([file.sha256, file.table, sorted(self.options)])
        base = f"load-{hashlib.sha256(request.encode()).hexdigest()}"
        uploads = self.uploads(sha256=file.sha256, table=file.table)
        own = [entry for entry in uploads if (entry["source"] or "").startswith(f"key:{base}")]
        ended = [entry for entry in uploads if entry["status"] == "finished" and not is_dry_run(entry)]
        alike = [entry for entry in ended if entry in own or has_options(entry, self.options)]
        done = [entry for entry in ended if is_in(entry)] or ([] if self.again else alike)
        if done and not self.was_taken_back_since(done[0]):
            return done[0], ""
        if own and has_ended(own[0]):
            return None, f"{base}-{own[0]['upload_id']}"
        return None, own[0]["source"].removeprefix("key:") if own else base

    def was_taken_back_since(self, entry: Entry) -> bool:
        """Whether rows that an upload skipped, since they were there, may be gone by now."""
        undone = self.uploads(table=entry["table"], status="undone") if entry["skipped"] else []
        return any(upload["updated_at"] >= entry["finished_at"] for upload in undone)

    def uploads(self, **wanted: str) -> list[Entry]:
        """Return the newest uploads of those that are wanted."""
        return self.ask("GET", "/uploads", [*wanted.items()]).expect(list)

    def ask(self, *request: Any) -> "Answer":
        """Return the answer to a small request. Raises Stop where there is none within all patience."""
        while True:
            begun = time.monotonic()
            try:
                return self.service.ask(*request)
            except Passing as passing:
                self.patience.wait(passing, Stop, time.monotonic() - begun)

    def send_to_its_end(self, file: File, key: str) -> Entry:
        """Send a file until its upload has ended, however that was, and return the ledger's entry."""
        while True:
            entry = next(iter(self.uploads(source=f"key:{key}")), {})
            is_undone = entry.get("status") in ("undoing", "undone")
            if is_undone and entry["upload_id"] == file.entry.get("upload_id"):
                raise Failed(f"its upload {entry['upload_id']} was taken back meanwhile: called again, it goes in")
            if entry and has_ended(entry):
                return entry
            file.entry = {} if is_undone else entry
            try:
                if file.entry:
                    self.patience.note(entry["read"])
                    self.screen.bar(file.path, entry["read"], file.lines, "rows")
                if entry.get("status") == "running":
                    raise Passing(f"its upload {entry['upload_id']} is still running")
                return self.send(file, key)
            except Passing as passing:
                self.patience.wait(passing, Failed)

    def send(self, file: File, key: str) -> Entry:
        """Send a file, and return the ledger's entry of its upload."""
        boundary = uuid4().hex
        head, tail = form_of(file.path.name, boundary)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + file.size + len(tail)),
            "Idempotency-Key": key,
        }

        def body() -> Iterator[bytes]:
            yield head
            yield from file.pieces(lambda sent: self.screen.bar(file.path, sent, file.size, "bytes"))
            yield tail

        with self.watched(file, key):
            target = f"/upload/{quote(file.table)}"
            answer = self.service.ask("POST", target, self.options, body(), headers, ANSWER_SECONDS)
        if isinstance(answer.content, list):
            raise Failed(answer.detail)
        if "read" in answer.content:
            file.entry = self.ask("GET", f"/uploads/{answer.content['upload_id']}").expect(dict)
            if answer.status in (200, 422):
                return file.entry
        if answer.content.get("code") in PASSING_CODES:
            raise Passing(answer.detail)
        raise Failed(answer.detail)

    @contextmanager
    def watched(self, file: File, key: str) -> Iterator[None]:
        """Show beside the block how many rows the ledger has of a file, once all of it is sent."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(LOOK_SECONDS):
                with suppress(Passing, Stop, Failed):
                    entries = self.service.ask("GET", "/uploads", [("source", f"key:{key}")]).expect(list)
                    if entries and entries[0]["status"] == "running" and not done.is_set():
                        self.screen.bar(file.path, entries[0]["read"], file.lines, "rows")

        if self.screen.is_live:
            threading.Thread(target=look, daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def write_rejects(self, file: File, is_old: bool) -> None:
        """Write the refused rows beside the file; what an earlier upload had there is kept as .old."""
        path = file.rejects_path
        part = path.with_name(f"{path.name}.part")
        try:
            if not (is_old and path.exists()):  # somebody may be correcting them
                self.save(f"/uploads/{file.entry['upload_id']}/rejects.csv", part)
                if path.exists() and not filecmp.cmp(part, path, shallow=False):
                    path.replace(f"{path}.old")
                part.replace(path)
            file.rejects = path
            file.sentences.append(f"the refused rows are in {path}")
        except (OSError, Failed) as error:
            file.sentences.append(f"the refused rows are not in {path}: {reason_of(error)}")
        finally:
            with suppress(OSError):
                part.unlink()

    def save(self, target: str, path: Path) -> None:
        """Write what is there into a file. Raises OSError where that cannot be written."""
        while True:
            try:
                with path.open("wb") as copy:
                    for piece in self.service.pieces(target):
                        copy.write(piece)
                return
            except Passing as passing:
                self.patience.wait(passing, Failed)


class Answer(NamedTuple):
    """What the service answers: content is its JSON, an empty object where it is none."""

    status: int
    content: Any
    detail: str

    def expect(self, kind: type) -> Any:
        """Return the content of a 200. Raises Failed with the sentence of an error."""
        if self.status != 200 or not isinstance(self.content, kind):
            raise Failed(self.detail)
        return self.content


class Service:
    """A Loadbay, by HTTP: one connection a request."""

    def __init__(self, url: str, token: str | None):
        self.url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = QUIET_SECONDS,
    ) -> Answer:
        """Return the answer. Raises Passing for what may be another one later, and Stop for what every request gets."""
        target = f"{path}?{urlencode(query, errors='surrogateescape')}" if query else path
        with self._exchange(method, target, body, headers or {}, seconds) as response:
            return self._read(response)

    def pieces(self, target: str) -> Iterator[bytes]:
        """Yield what is there, piece by piece. Raises Passing where it breaks off."""
        with self._exchange("GET", target, None, {}, QUIET_SECONDS) as response:
            if response.status != 200:
                raise Failed(self._read(response).detail)
            while piece := response.read(CHUNK_BYTES):
                yield piece
            if response.length:
                raise Passing(f"{self.url}: the answer broke off")

    @contextmanager
    def _exchange(self, method: str, target: str, body: Any, headers: Any, seconds: float) -> Iterator[HTTPResponse]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=QUIET_SECONDS)
        try:
            connection.connect()
            keep_alive(connection.sock)
            with suppress(ConnectionError):  # it may have answered before it had taken all
                connection.request(method, parts.path.rstrip("/") + target, body, {**self._headers, **headers})
            connection.sock.settimeout(seconds)
            yield connection.getresponse()
        except SSLCertVerificationError as error:
            sentence = f"{self.url}: {error.verify_message}; SSL_CERT_FILE may name the file of another authority"
            raise Stop(sentence) from None
        except (OSError, HTTPException) as error:
            raise Passing(f"{self.url}: {reason_of(error)}") from None
        finally:
            connection.close()

    def _read(self, response: HTTPResponse) -> Answer:
        """Return an answer, or raise what its status says."""
        try:
            content = json.loads(response.read())
        except ValueError:
            content = None
        status, is_own = response.status, isinstance(content, dict | list)
        line = f"{status} {response.reason}" + ("" if is_own else ", in words that are not Loadbay's")
        detail = content.get("detail", line) if isinstance(content, dict) else line
        if status in PASSING:
            seconds = response.getheader("Retry-After", "")
            raise Passing(detail, int(seconds) if seconds.isdecimal() else 0)
        if 300 <= status < 400:
            raise Stop(f"{self.url} sends on to {response.getheader('Location')}: give --url as it is there")
        if status == 401:
            raise Stop(f"{self.url}: {detail}; give it in {TOKEN}, or in a file by --token-file")
        if status == 403:
            raise Stop(f"{self.url}: {detail}")
        return Answer(status, content if is_own else {}, detail)


class Patience:
    """How long one file may still wait for what may pass."""

    def __init__(self, seconds: float, screen: "Screen", name: str):
        self.seconds, self._screen, self._name, self._read = seconds, screen, name, -1
        self._renew()

    def _renew(self) -> None:
        self._left, self._pause = self.seconds, PAUSE_SECONDS

    def note(self, read: int) -> None:
        """Take it that its load gets on, where more has been read than before."""
        if read > self._read >= 0:
            self._renew()
        self._read = read

    def wait(self, passing: Passing, otherwise: type[Exception], waited_seconds: float = 0) -> None:
        """Pause before the next try. Raises the other exception where no patience is left."""
        self._left -= waited_seconds
        if self._left <= 0:
            raise otherwise(f"{passing}; that was so for {self.seconds:g} seconds (--wait): called again, it goes on")
        seconds = min(passing.retry_after or self._pause, self._left)
        self._screen.line(f"{self._name}: {passing}; the next try in {round(seconds, 1):g} s")
        time.sleep(seconds)
        self._left -= seconds
        self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)


class Screen:
    """The standard error: lines, and where it is a terminal a bar below them."""

    def __init__(self) -> None:
        self.is_live = sys.stderr.isatty()
        self._drawn = 0.0

    def bar(self, path: Path, done: int, whole: int, unit: str) -> None:
        """Draw how far a file is; whole is 0 where nobody knows."""
        if self.is_live and (time.monotonic() - self._drawn > LOOK_SECONDS / 4 or done == whole):
            self._drawn = time.monotonic()
            full = "#" * (BAR_CHARS * min(done, whole) // (whole or 1))
            text = printable(f"[{full:<{BAR_CHARS}}] {done:,} {unit} of {path.name}")
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            print(f"\r{text[: width - 1]}\x1b[K", end="", file=sys.stderr, flush=True)

    def line(self, text: str) -> None:
        self.clear()
        print(printable(text), file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.is_live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def is_in(entry: Entry) -> bool:
    """Whether every row of an upload's file is in: stored, or there before with the same content."""
    return bool(entry["status"] == "finished" and not entry["rejected"] and not entry["conflicts"])


def is_dry_run(entry: Entry) -> bool:
    return bool(entry["options"].get("dry_run"))


def has_options(entry: Entry, options: Query) -> bool:
    """Whether an upload was made with these options, as far as they are kept in the words in which they are given."""

    def word(value: Any) -> str:
        return ",".join(value) if isinstance(value, list) else value if isinstance(value, str) else json.dumps(value)

    return {name: word(value) for name, value in entry["options"].items()} == dict(options)


def has_ended(entry: Entry) -> bool:
    """Whether an upload is over; one that was stopped without a code may go on."""
    return entry["status"] == "finished" or (entry["status"] in ("refused", "stopped") and bool(entry["code"]))


def leave_out(files: Sequence[File]) -> None:
    """Leave out what stands there twice, and the refused rows of a file that is there too."""
    rejects = {os.path.realpath(file.rejects_path): file.path for file in files}
    seen: set[str] = set()
    for file in files:
        place = os.path.realpath(file.path)
        if place in seen:
            file.end("left out", "is there twice")
        elif file.path.name.endswith((f"{REJECTS}.old", f"{REJECTS}.part")):
            file.end("left out", "has the refused rows of an earlier upload: to load it, give it another name")
        elif place in rejects:
            file.end("left out", f"has the refused rows of {rejects[place]}: to load it, name it without that")
        seen.add(place)


def in_order(files: Sequence[File], tables: Mapping[str, Iterable[str]]) -> list[File]:
    """Return the files of tables that others refer to before those of the others, and else as they were named."""

    def depth(table: str, above: tuple[str, ...] = ()) -> int:
        """Return how many tables are to come one behind the other before it; a circle ends where it closes."""
        path = (*above, table)
        return max((1 + depth(other, path) for other in tables[table] if other not in path), default=0)

    return sorted(files, key=lambda file: depth(file.table))


def named_in(name: str, tables: Iterable[str]) -> str | None:
    """Return the table that a file's name has in it as whole words, the longest; None where it has none or several.

    As in a header, case and all that is no letter or digit do not count: Hired Employees (2).csv.
    """
    words = re.findall(r"[^\W\d_]+|\d+", name.casefold())
    runs = {"".join(words[first:last]) for first, last in combinations(range(len(words) + 1), 2)}
    plain = {"".join(filter(str.isalnum, table.casefold())): table for table in tables}
    found = [one for one in plain if one in runs]
    longest = [one for one in found if not any(one in other for other in found if other != one)]
    return plain[longest[0]] if len(longest) == 1 else None


def form_of(name: str, boundary: str) -> tuple[bytes, bytes]:
    """Return what comes before and behind a file in a form (RFC 7578)."""
    escaped = re.sub(r'(["\\])', r"\\\1", re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "?", name))
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n'
    return head.encode(), f"\r\n--{boundary}--\r\n".encode()


def sentences_of(entry: Entry, is_old: bool) -> Iterator[str]:
    """Yield what the ledger says of an upload beside its counts."""
    if is_old and not is_in(entry):
        yield f"is not sent, since the upload {entry['upload_id']} was the same: --again sends it again"
    if entry["reason"]:
        yield entry["reason"]
    if entry["conflicts"]:
        yield (
            f"rows in conflict with what is stored, which stays: {entry['conflicts']}. "
            f"/uploads/{entry['upload_id']}/ids.csv has their ids, and -o on_conflict=update lets them change it"
        )


def keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), KEEPALIVE[name])


def reason_of(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def printable(text: str) -> str:
    """Return a text with all that a terminal would obey, or could not show, spelled out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def as_text(files: Sequence[File], stopped: str | None) -> str:
    """Return the account for people: a line a file, then what there is to know or to do."""
    rows = [(file.path, file.table, file.entry.get("upload_id"), file.status, *file.counts.values()) for file in files]
    lines = [("file", "table", "upload", "status", *COUNTS), *rows, ("", "", "", "", *totals_of(files).values())]
    cells = [["" if cell is None else printable(str(cell)) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    places = "  ".join(f"{{:{'<' if index in (0, 1, 3) else '>'}{width}}}" for index, width in enumerate(widths))
    table = [places.format(*line).rstrip() for line in cells]
    told = [printable(f"{file.path}: {sentence}") for file in files for sentence in file.sentences]
    wanted = [file for file in files if file.status != "left out"]
    missing = sum(file.is_missing for file in wanted)
    would = "would be" if any(file.status == "dry run" for file in wanted) else "are"
    end = f"{len(wanted) - missing} of {len(wanted)} files {would} in, with every row"
    return "\n".join([*table, "", *told, *([printable(stopped)] if stopped else []), end])


def as_json(files: Sequence[File], stopped: str | None) -> str:
    """Return the account for programs."""
    shown = [
        {
            "file": str(file.path),
            "table": file.table or None,
            "upload_id": file.entry.get("upload_id"),
            "status": file.status,
            **file.counts,
            "is_in": not file.is_missing,
            "rejects": file.rejects and str(file.rejects),
            "sentences": file.sentences,
        }
        for file in files
    ]
    is_in = not any(file.is_missing for file in files)
    return json.dumps({"is_in": is_in, "stopped": stopped, "totals": totals_of(files), "files": shown}, indent=1)


def totals_of(files: Sequence[File]) -> dict[str, int]:
    return {name: sum(file.counts[name] or 0 for file in files) for name in COUNTS}


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Load files into a Loadbay, and print one account of them. Ends with 0 only where every row of "
        f"every file is in, else with 1. A token is taken from {TOKEN}.",
        epilog="Called again after whatever happened, it goes on: what is in is not loaded twice.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--url", default=URL, type=read_url, help="of the service, %(default)s unless it is given")
    parser.add_argument("--table", help="the table of all these files, else each file's name or content says it")
    parser.add_argument(
        "-o", "--option", action="append", default=[], type=read_option, metavar="NAME=VALUE",
        help="an option of the uploads, such as strict=true, dates=dmy or dry_run=true; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--again", action="store_true", help="also send files that were loaded before with refused or conflicting rows"
    )
    parser.add_argument("--wait", type=read_seconds, default=WAIT_SECONDS, metavar="SECONDS",
                        help="how long each file may wait in all, %(default)s unless it is given")  # fmt: skip
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="the file that holds the token")
    parser.add_argument("--json", action="store_true", help="print the account as JSON")
    given = parser.parse_args()
    try:
        token = given.token_file.read_text() if given.token_file else os.environ.get(TOKEN, "")
    except (OSError, ValueError) as error:
        parser.error(f"{given.token_file} cannot be read: {reason_of(error)}")
    given.token = token.strip()
    if not re.fullmatch("[!-~]*", given.token):
        parser.error("the token has other characters than visible ASCII")
    return given


def read_url(sent: str) -> str:
    """Return the URL of a service. Raises ArgumentTypeError for what is none."""
    with suppress(ValueError):
        parts = urlsplit(sent)
        is_plain = re.fullmatch("[!-~]+", sent) and not ("@" in parts.netloc or parts.query or parts.fragment)
        if is_plain and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return sent.rstrip("/")
    raise argparse.ArgumentTypeError(f"{sent!r} is no URL of a service, such as {URL} or https://loadbay.example/path")


def read_option(sent: str) -> tuple[str, str]:
    name, equals, value = sent.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{sent!r} is no option with its value, such as dates=dmy")
    return name, value


def read_seconds(sent: str) -> float:
    if not re.fullmatch("[0-9]{1,9}", sent):
        raise argparse.ArgumentTypeError(f"{sent!r} is no number of seconds")
    return int(sent)


if __name__ == "__main__":
    sys.exit(main())
