"""Lambda `api`: the service behind API Gateway."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from apig_wsgi import make_lambda_handler

from aws.environment import bucket_of, read_environment
from aws.gateway import ANSWER_BYTES_MAX, Gateway
from service import app

DEFAULTS = {
    "MAX_UPLOAD_BYTES": str(ANSWER_BYTES_MAX),
    # API Gateway gives a request 29 seconds.
    "BUSY_TIMEOUT": "8",
    "REPORT_TIMEOUT": "20",
    "UNDO_SECONDS": "15",
}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of a REST API (payload 1.0) or of an HTTP API (2.0)."""
    return _entry()(event, context)


@cache
def _entry() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return the service as the environment has it, once. A bad setting ends the process with a sentence."""
    environ = read_environment(os.environ, DEFAULTS)
    if "API_TOKEN" not in environ:
        raise SystemExit("API_TOKEN is missing: everybody can reach API Gateway. Set it, or API_TOKEN_SECRET_ARN")
    bucket = bucket_of(environ)
    # Text goes as bytes too: as JSON it could be twice as long.
    return make_lambda_handler(Gateway(app(environ, bucket), bucket), True, non_binary_content_type_prefixes=())
