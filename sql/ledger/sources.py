"""Where files come from: each source once, with the upload that has loaded it or is at it."""

import hashlib
from pathlib import Path
from typing import Any

from sql.batch import Connection
from sql.files.statements import expect, read_statements

STATEMENTS = ("claim", "claimed", "hold", "find", "resume")

SOURCE_CHARS_MAX = 300
"""So much of a source is kept as text; its SHA-256 tells it from all others."""

OBJECT, VERSION = "s3://", "?versionId="
"""What the source of an object in a bucket begins with, and what stands before its version."""


class Sources:
    """The sources of uploads. Each call runs in the transaction, if any, that its connection is in."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, STATEMENTS)

    def claim(self, connection: Connection, source: str) -> dict[str, Any]:
        """Return the upload_id that a source is claimed for, None for none, request_sha256 and claimed_by.

        Nobody else claims it then until the transaction ends.
        """
        place = {"source_sha256": _sha256(source)}
        connection.execute(self.statements["claim"], {**place, "source": source[:SOURCE_CHARS_MAX]})
        return connection.select(self.statements["claimed"], place).dicts()[0]

    def hold(self, connection: Connection, source: str, upload_id: int, request_sha256: str, claimed_by: str) -> None:
        """Claim a source for an upload."""
        held = {"upload_id": upload_id, "request_sha256": request_sha256, "claimed_by": claimed_by}
        connection.execute(self.statements["hold"], {"source_sha256": _sha256(source), **held})

    def find(self, connection: Connection, source: str, before: int) -> list[int]:
        """Return the upload that a source was claimed for last, if its number is below before.

        Of an object in a bucket, which may have versions, return those of all of them, newest first.
        """
        versions = f"{source}{VERSION}" if source.startswith(OBJECT) else ""
        between = {"versions": versions, "behind": versions and versions + chr(0x10FFFF)}
        place = {"source_sha256": _sha256(source), "before": before}
        return [number for (number,) in connection.select(self.statements["find"], place | between).rows]

    def resume(self, connection: Connection, upload_id: int) -> None:
        """Let an upload go on as the next attempt; whoever is still at it is overtaken."""
        connection.execute(self.statements["resume"], {"upload_id": upload_id})


def _sha256(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
