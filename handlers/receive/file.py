"""The file of an upload, received whole before a row is read: a form's one part `file`, or a bare CSV."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import falcon
from falcon.media.multipart import BodyPart, MultipartForm, MultipartFormHandler, MultipartParseError

from handlers.answer.problems import Problem
from handlers.receive.body import Body, Unpacked, chunks_of, deadline
from rows.bytes.file import File, spool
from rows.bytes.spool import Spool, Spools
from rows.fault import cut

FORM_BYTES_MAX = 64 * 1024
"""A form may hold this much around its file: boundaries and headers."""

PART_HEADERS_BYTES_MAX = 8192
"""So long may the headers of a part be together, its file's name among them."""


UPLOAD_LIMIT = "MAX_UPLOAD_BYTES and 64 KiB"
"""What limits the body of an upload."""

Write = Callable[[Iterator[bytes], Spool, str | None, int, bool], File]
"""What writes received chunks to a spool, as `spool` does."""


@contextmanager
def receive(
    req: falcon.Request,
    spools: Spools,
    upload_bytes_max: int,
    body_timeout: float,
    write: Write = spool,
    limit: str = UPLOAD_LIMIT,
) -> Iterator[File]:
    """Give the block the file that the request sends, once all of the request has come.

    Raises what write raises, and FileTooLarge past upload_bytes_max; answers 400 to a malformed or broken transfer, 408
    to one that takes longer than body_timeout seconds, 411 to a body without length and 415 to one that is neither form
    nor CSV.
    """
    kind = falcon.parse_header(req.content_type or "")[0].lower()
    if kind not in ("multipart/form-data", "text/csv"):
        raise Problem(
            "unsupported_media_type",
            f"the body is {cut(kind) or 'of no type'}: expected multipart/form-data with the CSV in the part "
            "`file` (curl -F file=@hires.csv), or the bare CSV as text/csv",
        )
    coding = req.get_header("Content-Encoding", default="identity").lower()
    if coding not in ("identity", "gzip"):
        raise Problem("unsupported_media_type", f"the Content-Encoding is {cut(coding)}: expected gzip or none")
    with spools.open() as stream, spools.turn.given_back():
        with deadline(req, body_timeout):
            body = Body(req, upload_bytes_max + FORM_BYTES_MAX, limit)
            if kind == "text/csv":
                file = write(chunks_of(body.read), stream, None, upload_bytes_max, coding == "gzip")
            else:
                form = Unpacked(body, upload_bytes_max + FORM_BYTES_MAX) if coding == "gzip" else body
                file = _file_of(_parts(req, form), stream, upload_bytes_max, write)
            body.exhaust()
        yield file


def _parts(req: falcon.Request, body: Body | Unpacked) -> MultipartForm:
    """Return the form's parts (RFC 7578). Falcon asks for a length: without one, for the most there may be."""
    handler = MultipartFormHandler()
    handler.parse_options.max_body_part_headers_size = PART_HEADERS_BYTES_MAX
    return handler.deserialize(body, req.content_type, body.bytes_max)


def _file_of(parts: MultipartForm, stream: Spool, upload_bytes_max: int, write: Write) -> File:
    """Return the file in the form's one part `file`."""
    try:
        return _file_in(parts, stream, upload_bytes_max, write)
    except MultipartParseError as error:
        raise Problem(
            "malformed_form",
            f"the form is malformed: {error.description}; expected one part `file` between boundaries, "
            f"with headers of at most {PART_HEADERS_BYTES_MAX} bytes (RFC 7578)",
        ) from error


def _file_in(parts: MultipartForm, stream: Spool, upload_bytes_max: int, write: Write) -> File:
    file = None
    for part in parts:
        name, file_name = _names(part)
        if name != "file":
            raise Problem(
                "malformed_form",
                f"the form has a part {(name and cut(name))!r}: expected the one part `file`; options go into the "
                "query",
            )
        if part.content_type.startswith("multipart/"):
            raise Problem("malformed_form", f"the part `file` is {cut(part.content_type)}: expected a CSV file")
        if file:
            raise Problem("malformed_form", "the form has two parts `file`: send one file a request")
        file = write(chunks_of(part.stream.read), stream, file_name, upload_bytes_max, False)
    if not file:
        raise Problem("malformed_form", "the form has no part `file`")
    return file


def _names(part: BodyPart) -> tuple[str | None, str | None]:
    """Return the part's name and its file's name, which a database can store as text."""
    try:
        name, file_name = part.name, part.filename
        (file_name or "").encode()
    except UnicodeError:
        raise Problem("malformed_form", "the headers of a part of the form are no UTF-8") from None
    if "\0" in (file_name or ""):
        raise Problem("malformed_form", "the file's name has a NUL character")
    return name, file_name
