"""The stable codes of errors, each with its status and its meaning; docs/errors.md shows them."""

from typing import NamedTuple

import falcon

from rows.codes import OF_FILES


class Code(NamedTuple):
    """The status line of an error, and what it means."""

    status: str
    meaning: str


CODES = {
    "malformed_request": Code(falcon.HTTP_400, "the request is no HTTP, or a header of it is malformed"),
    "bad_parameter": Code(falcon.HTTP_400, "a parameter is unknown, doubled or missing, or its value is not allowed"),
    "bad_header": Code(falcon.HTTP_400, "the `Idempotency-Key` is not a valid key"),
    "malformed_form": Code(falcon.HTTP_400, "the form has not the one part `file`"),
    "broken_transfer": Code(falcon.HTTP_400, "the body broke off, or is longer than its `Content-Length`"),
    "archive_damaged": Code(falcon.HTTP_400, "the gzip or zip cannot be unpacked"),
    "no_token": Code(falcon.HTTP_401, "`Authorization: Bearer` with the service's token is missing"),
    "read_only_token": Code(falcon.HTTP_403, "the token may only read"),
    "foreign_host": Code(falcon.HTTP_403, "without a token the service answers to loopback names alone"),
    "foreign_page": Code(falcon.HTTP_403, "without a token no other site's page may upload or delete"),
    "not_found": Code(falcon.HTTP_404, "nothing is at this URL"),
    "unknown_table": Code(falcon.HTTP_404, "there is no such table"),
    "unknown_report": Code(falcon.HTTP_404, "there is no such report"),
    "unknown_upload": Code(falcon.HTTP_404, "there is no upload with this number"),
    "unknown_id": Code(falcon.HTTP_404, "no row has this id"),
    "no_bucket": Code(falcon.HTTP_404, "the service has no bucket to make a link to"),
    "method_not_allowed": Code(falcon.HTTP_405, "the URL does not take this method"),
    "timed_out": Code(falcon.HTTP_408, "the request took longer to come than `HEAD_TIMEOUT` or `BODY_TIMEOUT`"),
    "overtaken": Code(falcon.HTTP_409, "another request went on with this upload, or takes it back"),
    "still_running": Code(falcon.HTTP_409, "the upload of this key is running: send it again once it has ended"),
    "being_taken_back": Code(falcon.HTTP_409, "the upload of this key is being taken back: its key is free then"),
    "nothing_to_take_back": Code(falcon.HTTP_409, "a dry run, or a refused upload, has changed nothing"),
    "no_ids": Code(falcon.HTTP_409, "an earlier release made the upload, and kept no ids"),
    "still_goes_on": Code(falcon.HTTP_409, "the upload has not ended: delete its rows once it has"),
    "rows_erased": Code(falcon.HTTP_410, "the upload's refused and replaced rows were deleted"),
    "length_required": Code(falcon.HTTP_411, "the body has neither a `Content-Length` nor chunks"),
    "file_too_large": Code(falcon.HTTP_413, "the file is larger than `MAX_UPLOAD_BYTES`, or a preview's than 1 MiB"),
    "line_too_long": Code(falcon.HTTP_414, "the first line of the request is too long"),
    "unsupported_media_type": Code(falcon.HTTP_415, "the body is neither a form nor CSV, or not packed by gzip"),
    "unknown_expectation": Code(falcon.HTTP_417, "the `Expect` is not `100-continue`"),
    "key_reused": Code(falcon.HTTP_422, "the key belongs to another file, table or options: choose another one"),
    "no_update": Code(falcon.HTTP_422, "the table takes no updates, as it lacks a statement for them"),
    "no_delete": Code(falcon.HTTP_422, "uploads to the table cannot be taken back, as it lacks a statement for that"),
    "too_many_rows": Code(falcon.HTTP_422, "the report has more rows than `REPORT_ROWS_MAX`"),
    "head_too_large": Code(falcon.HTTP_431, "the head of the request is too large"),
    "failed": Code(falcon.HTTP_500, "the service failed; its log says how"),
    "unknown_transfer_coding": Code(falcon.HTTP_501, "the `Transfer-Encoding` is not `chunked`"),
    "no_place": Code(falcon.HTTP_503, "all places for requests of this kind are taken"),
    "database_busy": Code(falcon.HTTP_503, "another writer held the database longer than `BUSY_TIMEOUT`"),
    "database_unavailable": Code(falcon.HTTP_503, "the database is away, or out of order"),
    "took_too_long": Code(falcon.HTTP_503, "the report took longer than `REPORT_TIMEOUT`"),
    "batches_lost": Code(falcon.HTTP_503, "the database lost batches that it had stored, as after a failover"),
    "spool_full": Code(falcon.HTTP_503, "the uploads of the moment hold `SPOOL_BYTES_MAX`"),
    "turn_late": Code(falcon.HTTP_503, "the memory for large records was not free in time"),
    "reading_ended": Code(falcon.HTTP_503, "the process that reads the file was ended from outside"),
    "disk_full": Code(falcon.HTTP_507, "a disk is full: that of the database, or that of temporary files"),
    **{code: Code(falcon.HTTP_422, meaning) for code, meaning in OF_FILES.items()},
}  # fmt: skip

OF_STATUS = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "timed_out",
    414: "line_too_long",
    417: "unknown_expectation",
    431: "head_too_large",
    500: "failed",
    501: "unknown_transfer_coding",
}
"""The codes of errors that say no more than their status."""
