"""The settings of the service, each from its environment variable: a bad one ends the process with a sentence."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from handlers.access import is_loopback
from rows.bytes.readers import READER_BYTES_MIN
from rows.options import Options
from sql.files.statements import Limits

SPOOLED_FILES = 4
"""Unless it is set, so many of the largest files may be in the spools of a worker."""

SECRETS = ("DATABASE_URL", "REPORTS_DATABASE_URL", "API_TOKEN", "API_READ_TOKEN")
"""What may stand in a file instead, which the name with _FILE behind it has the path of."""


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
    reports_max: int
    sends_max: int
    ledger_days: int | None
    upload_bytes_max: int
    readers_max: int
    reader_bytes_min: int
    spool_bytes_max: int
    report_limits: Limits
    undo_seconds: int
    busy_timeout: int
    pool_size: int
    head_timeout: int
    body_timeout: int
    send_timeout: int
    send_rate_min: int
    graceful_timeout: int
    api_token: str | None
    api_read_token: str | None
    options: Options


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of the environment. A bad one ends the process with a sentence."""
    environ = {**environ, **read_secrets(environ)}
    integer = partial(read_integer, environ)

    def token(name: str) -> str | None:
        text = environ.get(name)
        if text is not None and not re.fullmatch("[A-Za-z0-9._~+/=-]{16,}", text):
            raise SystemExit(f"{name} is unusable: expected 16 or more of the characters A-Z a-z 0-9 . _ ~ + / = -")
        return text

    threads = integer("THREADS", 40, 5, 256)
    uploads_max = integer("UPLOADS_MAX", min(threads * 2 // 5, threads - 4), 1, threads - 4)
    others = threads - uploads_max
    exports_max = integer("EXPORTS_MAX", max(1, others // 6), 1, others - 3)
    left = others - exports_max
    reports_max = integer("REPORTS_MAX", min(max(1, others // 3), left - 2), 1, left - 2)
    left -= reports_max
    sends_max = integer("SENDS_MAX", min(max(1, others // 3), left - 1), 1, left - 1)
    record_chars_max = integer("RECORD_CHARS_MAX", 2**20, 1, 2**24)
    upload_bytes_max = integer("MAX_UPLOAD_BYTES", 2**30, 1, 2**40)
    settings = Settings(
        database_url=environ.get("DATABASE_URL", "sqlite:///loadbay.db"),
        reports_database_url=environ.get("REPORTS_DATABASE_URL"),
        host=environ.get("HOST", "127.0.0.1"),
        port=integer("PORT", 8000, 1, 65535),
        workers=integer("WEB_CONCURRENCY", 2, 1, 256),
        threads=threads,
        uploads_max=uploads_max,
        exports_max=exports_max,
        reports_max=reports_max,
        sends_max=sends_max,
        ledger_days=integer("LEDGER_DAYS", 0, 1, 36_500) if "LEDGER_DAYS" in environ else None,
        upload_bytes_max=upload_bytes_max,
        readers_max=integer("READERS_MAX", len(os.sched_getaffinity(0)), 0, 256),
        reader_bytes_min=integer("READER_BYTES_MIN", READER_BYTES_MIN, 0, 2**40),
        spool_bytes_max=integer("SPOOL_BYTES_MAX", SPOOLED_FILES * upload_bytes_max, 1, 2**50),
        report_limits=Limits(
            rows_max=integer("REPORT_ROWS_MAX", 100_000, 1, 2**31),
            seconds=integer("REPORT_TIMEOUT", 60, 1, 86400),
        ),
        undo_seconds=integer("UNDO_SECONDS", 20, 1, 86400),
        busy_timeout=integer("BUSY_TIMEOUT", 30, 0, 3600),
        pool_size=integer("POOL_SIZE", 8, 0, 256),
        head_timeout=integer("HEAD_TIMEOUT", 10, 1, 3600),
        body_timeout=integer("BODY_TIMEOUT", 600, 1, 86400),
        send_timeout=integer("SEND_TIMEOUT", 60, 1, 86400),
        send_rate_min=integer("SEND_RATE_MIN", 16 * 1024, 1, 2**31),
        graceful_timeout=integer("GRACEFUL_TIMEOUT", 30, 1, 86400),
        api_token=token("API_TOKEN"),
        api_read_token=token("API_READ_TOKEN"),
        options=Options(
            batch_rows=integer("BATCH_ROWS", 1000, 1, 1000),
            rejects_max=integer("MAX_REJECTS", 10_000, 0, 2**31),
            rejects_bytes_max=integer("REJECTS_BYTES_MAX", 2**26, 0, 2**40),
            record_chars_max=record_chars_max,
            header_chars_max=integer("HEADER_CHARS_MAX", min(2**16, record_chars_max), 1, record_chars_max),
        ),
    )
    if settings.spool_bytes_max < 2 * upload_bytes_max:
        raise SystemExit(
            f"SPOOL_BYTES_MAX is {settings.spool_bytes_max}: expected at least {2 * upload_bytes_max}, twice "
            "MAX_UPLOAD_BYTES, since a zip is kept beside what it unpacks to"
        )
    if settings.api_read_token is not None and settings.api_token in (None, settings.api_read_token):
        raise SystemExit("API_READ_TOKEN needs an API_TOKEN beside it, which is another one")
    check_listening(settings, settings.host)
    return settings


def read_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what stands in files, each without its line end: those count more than the environment itself."""
    secrets = {}
    for name in SECRETS:
        if (path := environ.get(f"{name}_FILE")) is not None:
            try:
                secrets[name] = Path(path).read_text().rstrip("\r\n")
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", "no text")
                raise SystemExit(f"{name}_FILE is {path!r}, which cannot be read: {why}") from None
    return secrets


def read_integer(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return an integer of the environment. A bad one ends the process with a sentence."""
    text = environ.get(name, str(default))
    if not re.fullmatch("[0-9]{1,18}", text) or not least <= int(text) <= most:
        raise SystemExit(f"{name} is {text!r}: expected an integer from {least} to {most}")
    return int(text)


def check_listening(settings: Settings, host: str) -> None:
    """End the process with a sentence where it would listen beyond this machine without a token."""
    if settings.api_token is None and not is_loopback(host):
        raise SystemExit(f"Listening on {host} needs an API_TOKEN: without one only 127.0.0.1, ::1 or localhost")
