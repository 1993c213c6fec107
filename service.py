"""The service on one screen: its settings, every route, every error answer."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import falcon
from falcon.media import JSONHandler

from handlers.access import LoopbackAccess, TokenAccess, is_loopback
from handlers.answer.headers import Headers
from handlers.answer.json import dumps
from handlers.answer.places import Places
from handlers.answer.problems import answer_errors
from handlers.health import Health
from handlers.preview import Preview
from handlers.root import PAGE, Root
from handlers.stats import ReportAnswer, Reports
from handlers.tables import TableFile, Tables
from handlers.upload import Upload
from handlers.uploads import Rejects, UploadEntry, Uploads
from rows.batches.upload import BatchesLost
from rows.bytes.file import FileTooLarge, SpoolFull
from rows.bytes.gzip import ArchiveDamaged
from rows.options import Options
from sql import Database, Replica, open_database, open_replica
from sql.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseUnavailable,
    LockTaken,
    RowsLost,
    StartRefused,
    TookTooLong,
    TooManyRows,
)
from sql.statements import Limits

URLS = {
    "POST /upload/{table}": "a CSV file in, the account of its rows out",
    "POST /preview/{table}": "the start of a file in, how it would be read out; also without a table",
    "GET /uploads": "the ledger of uploads, newest first: ?limit=100&before=ID",
    "GET /uploads/{id}": "one upload",
    "GET /uploads/{id}/rejects.csv": "its refused rows, to be corrected and uploaded again",
    "GET /stats": "the reports and their parameters",
    "GET /stats/{report}": "a report, as JSON or with ?format=csv as CSV",
    "GET /tables": "the tables, their columns and row counts",
    "GET /tables/{table}.csv": "a table as CSV, which uploads again as it is",
    "GET /health": "whether the database answers",
}

ERRORS = {
    ArchiveDamaged: (falcon.HTTP_400, "archive_damaged"),
    FileTooLarge: (falcon.HTTP_413, "file_too_large"),
    RowsLost: (falcon.HTTP_422, "rows_lost"),
    TooManyRows: (falcon.HTTP_422, "too_many_rows"),
    TookTooLong: (falcon.HTTP_503, "took_too_long"),
    BatchesLost: (falcon.HTTP_503, "batches_lost"),
    DatabaseBusy: (falcon.HTTP_503, "database_busy"),
    LockTaken: (falcon.HTTP_503, "database_busy"),
    DatabaseUnavailable: (falcon.HTTP_503, "database_unavailable"),
    DatabaseFull: (falcon.HTTP_507, "disk_full"),
    SpoolFull: (falcon.HTTP_507, "disk_full"),
}


@dataclass(frozen=True)
class Settings:
    """What the environment may set; times are in seconds."""

    database_url: str
    reports_database_url: str | None
    host: str
    port: int
    workers: int
    threads: int
    uploads_max: int
    exports_max: int
    upload_bytes_max: int
    report_limits: Limits
    busy_timeout: int
    pool_size: int
    head_timeout: int
    body_timeout: int
    send_timeout: int
    api_token: str | None
    api_read_token: str | None
    options: Options


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of the environment. A bad one ends the process with a sentence."""

    def integer(name: str, default: int, least: int, most: int) -> int:
        text = environ.get(name, str(default))
        if not re.fullmatch("[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise SystemExit(f"{name} is {text!r}: expected an integer from {least} to {most}")
        return int(text)

    def token(name: str) -> str | None:
        text = environ.get(name)
        if text is not None and not re.fullmatch("[A-Za-z0-9._~+/=-]{16,}", text):
            raise SystemExit(f"{name} is unusable: expected 16 or more of the characters A-Z a-z 0-9 . _ ~ + / = -")
        return text

    threads = integer("THREADS", 24, 3, 256)
    uploads_max = integer("UPLOADS_MAX", min(threads * 2 // 3, threads - 2), 1, threads - 2)
    exports_max = integer("EXPORTS_MAX", max(1, (threads - uploads_max) // 2), 1, threads - uploads_max - 1)
    settings = Settings(
        database_url=environ.get("DATABASE_URL", "sqlite:///loadbay.db"),
        reports_database_url=environ.get("REPORTS_DATABASE_URL"),
        host=environ.get("HOST", "127.0.0.1"),
        port=integer("PORT", 8000, 1, 65535),
        workers=integer("WEB_CONCURRENCY", 2, 1, 256),
        threads=threads,
        uploads_max=uploads_max,
        exports_max=exports_max,
        upload_bytes_max=integer("MAX_UPLOAD_BYTES", 2**30, 1, 2**40),
        report_limits=Limits(
            rows_max=integer("REPORT_ROWS_MAX", 100_000, 1, 2**31),
            seconds=integer("REPORT_TIMEOUT", 60, 1, 86400),
        ),
        busy_timeout=integer("BUSY_TIMEOUT", 30, 0, 3600),
        pool_size=integer("POOL_SIZE", 8, 0, 256),
        head_timeout=integer("HEAD_TIMEOUT", 10, 1, 3600),
        body_timeout=integer("BODY_TIMEOUT", 600, 1, 86400),
        send_timeout=integer("SEND_TIMEOUT", 60, 1, 86400),
        api_token=token("API_TOKEN"),
        api_read_token=token("API_READ_TOKEN"),
        options=Options(
            batch_rows=integer("BATCH_ROWS", 1000, 1, 1000),
            rejects_max=integer("MAX_REJECTS", 10_000, 0, 2**31),
            record_chars_max=integer("RECORD_CHARS_MAX", 2**20, 1, 2**24),
        ),
    )
    if settings.api_read_token is not None and settings.api_token in (None, settings.api_read_token):
        raise SystemExit("API_READ_TOKEN needs an API_TOKEN beside it, which is another one")
    check_listening(settings, settings.host)
    return settings


def check_listening(settings: Settings, host: str) -> None:
    """End the process with a sentence where it would listen beyond this machine without a token."""
    if settings.api_token is None and not is_loopback(host):
        raise SystemExit(f"Listening on {host} needs an API_TOKEN: without one only 127.0.0.1, ::1 or localhost")


def create_app(database: Database, settings: Settings, replica: Replica | None = None) -> falcon.App:
    """Wire the routes to the database, and those of the reports to its replica if there is one."""
    access = TokenAccess(settings.api_token, settings.api_read_token) if settings.api_token else LoopbackAccess()
    app = falcon.App(middleware=[Headers(), access])
    app.resp_options.media_handlers["application/json"] = JSONHandler(dumps=dumps)
    app.add_route("/", Root(URLS))
    app.add_static_route("/page", PAGE)
    uploads = Places(settings.uploads_max, "uploads", "UPLOADS_MAX")
    exports = Places(settings.exports_max, "exports", "EXPORTS_MAX")
    limits = (settings.upload_bytes_max, settings.body_timeout)
    app.add_route("/upload/{table}", Upload(database, settings.options, uploads, *limits))
    looks = Preview(database, settings.options, uploads, settings.body_timeout)
    app.add_route("/preview", looks)
    app.add_route("/preview/{table}", looks)
    app.add_route("/uploads", Uploads(database))
    app.add_route("/uploads/{upload_id}", UploadEntry(database))
    app.add_route("/uploads/{upload_id}/rejects.csv", Rejects(database, exports))
    app.add_route("/stats", Reports(replica or database))
    app.add_route("/stats/{report}", ReportAnswer(replica or database, settings.report_limits))
    app.add_route("/tables", Tables(database))
    app.add_route("/tables/{table}.csv", TableFile(database, exports))
    app.add_route("/health", Health(database, replica))
    answer_errors(app, ERRORS)
    return app


def app() -> falcon.App:
    """Return the service as the environment has it; a bad setting or .sql file ends the process with a sentence."""
    settings = read_settings(os.environ)
    connecting = (settings.busy_timeout, settings.pool_size)
    replica = None
    try:
        database = open_database(settings.database_url, *connecting)
        if settings.reports_database_url is not None:
            replica = open_replica(settings.reports_database_url, *connecting)
    except StartRefused as error:
        raise SystemExit(str(error)) from None
    return create_app(database, settings, replica)
