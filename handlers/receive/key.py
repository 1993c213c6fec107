"""The header Idempotency-Key: the client's own name of a request, by which it is done once only."""

import re

from falcon import Request

from handlers.answer.problems import Problem
from rows.once.claim import Source

HEADER = "Idempotency-Key"

KEY_CHARS_MAX = 255

KEY = {
    "type": "string",
    "pattern": f"^[!#-~][!-~]{{0,{KEY_CHARS_MAX - 1}}}$",
    "description": "the client's own name of the request, by which it is done once only",
}
"""What is said of the header."""

BARE = re.compile(r"[!#-~][!-~]*")
QUOTED = re.compile(r'"(?:[!#-\[\]-~]|\\["\\])+"')
"""A string of a structured field (RFC 9651, 3.3.3), as the draft of the header has it, without blanks."""

ESCAPED = re.compile(r'\\(["\\])')

KEY_SOURCE = "key:"
"""What the source of an upload with a key begins with, so that no key is a source of another kind."""


def read_source(req: Request) -> Source | None:
    """Return the source that the request's key stands for, None where it has none; answer 400 to one that is no key.

    A key is the same with and without the double quotes of a structured field.
    """
    sent = req.get_header(HEADER)
    if sent is None:
        return None
    is_quoted = QUOTED.fullmatch(sent)
    key = ESCAPED.sub(r"\1", sent[1:-1]) if is_quoted else sent
    if not (is_quoted or BARE.fullmatch(sent)) or len(key) > KEY_CHARS_MAX:
        sentence = (
            f"the header {HEADER} is no key: expected 1 to {KEY_CHARS_MAX} visible ASCII characters, "
            "in double quotes or without them"
        )
        raise Problem("bad_header", sentence, is_logged=True)
    return Source(KEY_SOURCE + key)
