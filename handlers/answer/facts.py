"""What the log's line of a request says of its answer: why it was refused, which upload it was, what it waited for."""

import re
from typing import Any

from falcon import Request, Response

from handlers.measure.metrics import NO_ROUTE, Metrics
from rows.say.account import Account
from sql.connections.waits import Waits, count_waits
from sql.errors import code_of

FACTS = "loadbay.log"
"""Where they wait for the log, in the environment of the request (PEP 3333)."""

WAIT_SECONDS_MIN = 0.001
"""What was waited for less is not mentioned."""


METRICS = "loadbay.metrics"
"""Where the log finds what counts the request."""

ROUTE = "loadbay.route"

TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
"""The header by which a trace is passed on (W3C Trace Context, 3.2): version, trace, span, flags, and more."""


class Facts:
    """Begins the facts of each request, and says what counts it."""

    def __init__(self, metrics: Metrics):
        self.metrics = metrics

    def process_request(self, req: Request, resp: Response) -> None:
        req.env[METRICS] = self.metrics
        req.env[FACTS] = {"waits": count_waits(), **trace_of(req)}

    def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:
        req.env[ROUTE] = req.uri_template


def trace_of(req: Request) -> dict[str, str]:
    """Return the ids of the request's trace and of the span that it came from, none without a sound traceparent."""
    sent = TRACEPARENT.fullmatch(req.get_header("traceparent", default=""))
    if sent is None or (sent[1] == "00" and sent[4]):  # nothing follows in that version
        return {}
    return {"trace_id": sent[2], "parent_id": sent[3]}


def note(req: Request, **facts: Any) -> None:
    """Add facts. None of them may have a value of a row, of a query or of a header: they are logged as they are."""
    req.env.setdefault(FACTS, {}).update(facts)


def note_account(req: Request, account: Account) -> None:
    """Add which upload it was, and what became of its records so far."""
    note(req, upload_id=account.upload_id, table=account.table, dry_run=account.dry_run, **account.counts._asdict())


def note_error(req: Request, error: BaseException) -> None:
    """Add what the database itself called an error."""
    if code := code_of(error):
        note(req, database_error=code)


def facts_of(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a request that is answered."""
    facts = dict(environ.get(FACTS, {}))
    return _as_facts(facts.pop("waits", Waits())) | facts


def count(environ: dict[str, Any], status: int, seconds: float, client_seconds: float) -> None:
    """Count a request that is answered."""
    metrics: Metrics | None = environ.get(METRICS)
    if metrics is None:
        return
    facts = environ.get(FACTS, {})
    metrics.request(environ.get(ROUTE) or NO_ROUTE, environ.get("REQUEST_METHOD", ""), status, seconds)
    metrics.waited(facts.get("waits", Waits()), client_seconds)
    if "code" in facts:
        metrics.problem(facts["code"])


def _as_facts(waits: Waits) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if waits.seconds >= WAIT_SECONDS_MIN:
        facts["database_wait_seconds"] = round(waits.seconds, 4)
    if waits.retries:
        facts |= {"database_retries": waits.retries, "database_error": waits.code}
    return facts
