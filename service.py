"""The service on one screen: every route, every error answer, and how it is wired."""

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

import falcon
from falcon.media import JSONHandler

from handlers.access import LoopbackAccess, TokenAccess
from handlers.answer.facts import Facts
from handlers.answer.headers import Headers
from handlers.answer.json import dumps
from handlers.answer.places import Places
from handlers.answer.problems import answer_errors
from handlers.answer.upload_files import IDS, REJECTS, REPLACED, ids, rejects, replaced
from handlers.erase import ErasesDue, UploadRows
from handlers.health import Health, Live
from handlers.measure.metrics import Metrics
from handlers.measure.state import State
from handlers.metrics import Metering
from handlers.openapi import OpenAPI
from handlers.preview import Preview
from handlers.root import PAGE, Root
from handlers.stats import ReportAnswer, Reports
from handlers.tables import TableFile, TableRow, TableRows, Tables
from handlers.upload import Upload
from handlers.upload_links import Bucket, UploadLinks
from handlers.uploads import UploadEntry, UploadFile, Uploads
from rows.batches.early import BatchesLost, Overtaken
from rows.bytes.file import FileTooLarge
from rows.bytes.gzip import ArchiveDamaged
from rows.bytes.readers import Readers
from rows.bytes.spool import SpoolFull, Spools, SpoolsFull
from rows.bytes.turn import TurnLate
from rows.once.claim import AnswerErased, BeingTakenBack, SourceReused, StillRunning
from rows.reading.apart import ReadingEnded
from rows.undo.take_back import NothingToTakeBack
from settings import Settings, read_settings
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
from sql.ledger.erase import StillGoesOn

VERSION = "1.0.0"
"""That of the release, as CHANGELOG.md has it (Semantic Versioning 2.0.0)."""

ERRORS = {
    ArchiveDamaged: "archive_damaged",
    Overtaken: "overtaken",
    StillRunning: "still_running",
    BeingTakenBack: "being_taken_back",
    NothingToTakeBack: "nothing_to_take_back",
    AnswerErased: "rows_erased",
    FileTooLarge: "file_too_large",
    SourceReused: "key_reused",
    RowsLost: "rows_lost",
    StillGoesOn: "still_goes_on",
    TooManyRows: "too_many_rows",
    TookTooLong: "took_too_long",
    BatchesLost: "batches_lost",
    DatabaseBusy: "database_busy",
    LockTaken: "database_busy",
    DatabaseUnavailable: "database_unavailable",
    DatabaseFull: "disk_full",
    SpoolFull: "disk_full",
    SpoolsFull: "spool_full",
    TurnLate: "turn_late",
    ReadingEnded: "reading_ended",
}
"""What is answered to our exceptions. Their sentences are logged: none of them may quote what was sent."""

LINKS = "POST /upload-links/{table} gives a link that takes larger files"
"""What to do with a file that is too large, where there is a bucket."""


def create_app(
    database: Database, settings: Settings, replica: Replica | None = None, bucket: Bucket | None = None
) -> falcon.App:
    """Wire the routes to the database, those of the reports to its replica and upload links to a bucket, if any."""
    access = TokenAccess(settings.api_token, settings.api_read_token) if settings.api_token else LoopbackAccess()
    metrics = Metrics()
    erases = [ErasesDue(database, settings.ledger_days)] if settings.ledger_days else []
    app = falcon.App(middleware=[*erases, Headers(), Facts(metrics), access])
    app.resp_options.media_handlers["application/json"] = JSONHandler(dumps=dumps)
    uploads = Places(settings.uploads_max, "uploads", "UPLOADS_MAX", metrics)
    exports = Places(settings.exports_max, "exports", "EXPORTS_MAX", metrics)
    reports = Places(settings.reports_max, "reports", "REPORTS_MAX", metrics)
    readers = Readers(settings.readers_max, settings.reader_bytes_min)
    spools = Spools(settings.spool_bytes_max, metrics.spool_bytes.inc, readers)
    capacity = {places.kind: places.number * settings.workers for places in (uploads, exports, reports)}
    limits = (settings.upload_bytes_max, settings.body_timeout)
    looks = Preview(database, settings.options, uploads, spools, settings.body_timeout)
    routes: dict[str, Any] = {}
    routes |= {
        "/": Root(routes, bucket.origin if bucket else None, settings.upload_bytes_max),
        "/upload/{table}": Upload(database, settings.options, uploads, spools, *limits, metrics),
        "/upload-links/{table}": UploadLinks(database, settings.options, bucket),
        "/preview": looks,
        "/preview/{table}": looks,
        "/uploads": Uploads(database),
        "/uploads/{upload_id}": UploadEntry(database, uploads, settings.undo_seconds),
        "/uploads/{upload_id}/rejects.csv": UploadFile(database, exports, partial(rejects, spools.turn), REJECTS),
        "/uploads/{upload_id}/rejects": UploadRows(database, uploads),
        "/uploads/{upload_id}/ids.csv": UploadFile(database, exports, ids, IDS),
        "/uploads/{upload_id}/replaced.csv": UploadFile(database, exports, replaced, REPLACED),
        "/stats": Reports(replica or database),
        "/stats/{report}": ReportAnswer(replica or database, reports, settings.report_limits),
        "/tables": Tables(database, reports),
        "/tables/{table}": TableRows(database),
        "/tables/{table}.csv": TableFile(database, exports),
        "/tables/{table}/{id}": TableRow(database),
        "/health": Health(database, replica, VERSION),
        "/health/live": Live(),
        "/metrics": Metering(metrics, State(database, replica, capacity, VERSION)),
        "/openapi.json": OpenAPI(routes, access, database, replica or database, VERSION),
    }
    for path, resource in routes.items():
        app.add_route(path, resource)
    app.add_static_route("/page", PAGE)
    answer_errors(app, ERRORS, {FileTooLarge: LINKS} if bucket else {})
    return app


def app(environ: Mapping[str, str] = os.environ, bucket: Bucket | None = None) -> falcon.App:
    """Return the service as the environment has it; a bad setting or .sql file ends the process with a sentence."""
    settings = read_settings(environ)
    database, replica = open_databases(settings)
    return create_app(database, settings, replica, bucket)


def open_databases(settings: Settings) -> tuple[Database, Replica | None]:
    """Return the database, and its replica for reports if there is one."""
    connecting = (settings.busy_timeout, settings.pool_size)
    replica = None
    try:
        database = open_database(settings.database_url, *connecting)
        if settings.reports_database_url is not None:
            replica = open_replica(settings.reports_database_url, *connecting)
    except StartRefused as error:
        raise SystemExit(str(error)) from None
    return database, replica
