"""Values as the service has them and as PostgreSQL takes and gives them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Loader


def as_csv(rows: Sequence[tuple[Any, ...]]) -> str:
    """Return rows as CSV. The csv module takes three times as long: it is for NULLs and for what has to be quoted."""
    line = f"{','.join(['%s'] * len(rows[0]))}\n"
    text = "".join([line % row for row in rows])
    is_plain = text.count(",") == len(rows) * line.count(",") and text.count("\n") == len(rows)
    if is_plain and not any(special in text for special in ('"', "\r", "None")):
        return text
    quoted = io.StringIO(newline="")
    csv.writer(quoted).writerows(rows)
    return quoted.getvalue()


class MomentLoader(Loader):
    """Reads `2021-07-27 16:02:08.5+00` as 2021-07-27T16:02:08.5Z."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode().removesuffix("+00").replace(" ", "T") + "Z"


class NumberLoader(Loader):
    """Reads a numeric, which JSON does not have, as an integer or a float."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else float(text)


class TextLoader(Loader):
    """Reads a value as the database writes it."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


LOADERS: dict[str, type[Loader]] = {
    "timestamptz": MomentLoader,
    "numeric": NumberLoader,
    "timestamp": TextLoader,
    "date": TextLoader,
    "time": TextLoader,
    "timetz": TextLoader,
    "interval": TextLoader,
    "uuid": TextLoader,
}
