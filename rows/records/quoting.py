"""A record's text to its fields: quotes as in RFC 4180, and nothing else."""

import re
from functools import cache


def split_record(raw: str, delimiter: str) -> list[str] | None:
    """Return a record's fields, unquoted, or None where its quoting is broken."""
    field, record = _patterns(delimiter)
    if not record.fullmatch(raw + delimiter):
        return None
    return [quoted.replace('""', '"') if quoted else plain for quoted, plain in field.findall(raw + delimiter)]


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a field and of a record, in which a delimiter follows every field, the last one too."""
    mark = re.escape(delimiter)
    field = rf'(?:"((?:[^"]++|"")*+)"|([^"\r\n{mark}]*+)){mark}'
    return re.compile(field), re.compile(f"(?:{field})++")
