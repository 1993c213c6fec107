"""What the log's line of a request says of its answer: why it was refused, which upload it was, what it waited for."""

from typing import Any

from falcon import Request, Response

from rows.say.account import Account
from sql.connections.waits import Waits, count_waits
from sql.errors import code_of

FACTS = "loadbay.log"
"""Where they wait for the log, in the environment of the request (PEP 3333)."""

WAIT_SECONDS_MIN = 0.001
"""What was waited for less is not mentioned."""


class Facts:
    """Begins the facts of each request."""

    def process_request(self, req: Request, resp: Response) -> None:
        req.env[FACTS] = {"waits": count_waits()}


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


def _as_facts(waits: Waits) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if waits.seconds >= WAIT_SECONDS_MIN:
        facts["database_wait_seconds"] = round(waits.seconds, 4)
    if waits.retries:
        facts |= {"database_retries": waits.retries, "database_error": waits.code}
    return facts
