"""The account of an upload that another request began, loaded again from the ledger."""

from collections.abc import Iterator, Mapping
from typing import Any

from rows.bytes.turn import Turn
from rows.database import Ledger
from rows.dialect.find import Dialect
from rows.fault import Hint
from rows.records.layout import Layout
from rows.say.account import IDS_SHOWN, REJECTS_SHOWN, Account, Ending
from rows.say.batch import Counts
from rows.say.rejects import KEPT_SHORTENED, Reject, kept_bytes, shown
from rows.say.runs import ids_of


def account_again(
    ledger: Ledger, connection: Any, entry: Mapping[str, Any], attempt: int, turn: Turn, layout: Layout | None
) -> Account:
    """Return the account of an upload's entry in the ledger, with all that it shows of ids and refused rows.

    It has ended, unless it is running or was interrupted, or what stopped it may pass. What the ledger has cut stays
    cut. The layout is the file's, None where it has none; what is large is read in turn.
    """
    account = Account(
        entry["upload_id"],
        entry["table"],
        _dialect(entry["dialect"]),
        entry["options"].get("dry_run", False),
        attempt,
        Counts(**{name: entry[name] for name in Counts._fields}),
        hints=[Hint(**hint) for hint in entry["hints"]],
    )
    if entry["status"] == "finished" or entry["code"]:
        account.ended = Ending(entry["status"], entry["reason"], entry["code"] or "")
    _add_ids(account, ledger, connection)
    _add_rejects(account, ledger, connection, turn, layout)
    return account


def _dialect(kept: Mapping[str, Any] | None) -> Dialect | None:
    return kept and Dialect(**{name: kept.get(name) for name in Dialect._fields})  # type: ignore[arg-type,return-value]


def _add_ids(account: Account, ledger: Ledger, connection: Any) -> None:
    """Add the first ids that were skipped, and those in conflict."""
    for batch in _batches(ledger, connection, account.upload_id):
        account.skipped.extend([*ids_of(batch["skipped"])][: IDS_SHOWN - len(account.skipped)])
        account.conflicts.extend([*ids_of(batch["conflicts"])][: IDS_SHOWN - len(account.conflicts)])
        if len(account.skipped) == min(account.counts.skipped, IDS_SHOWN) and (
            len(account.conflicts) == min(account.counts.conflicts, IDS_SHOWN)
        ):
            break


def _batches(ledger: Ledger, connection: Any, upload_id: int) -> Iterator[dict[str, Any]]:
    page = ledger.batches(connection, upload_id, -1)
    while page:
        yield from page
        page = ledger.batches(connection, upload_id, page[-1]["read_before"])


def _add_rejects(account: Account, ledger: Ledger, connection: Any, turn: Turn, layout: Layout | None) -> None:
    """Add the first refused rows; where the upload goes on, how much is kept of all of them too."""
    after: int | None = -1
    while after is not None and not (account.ended and len(account.rejects) == REJECTS_SHOWN):
        with turn.given_back():
            after = _add_page(account, ledger.rejects(connection, account.upload_id, after, turn.need), layout)


def _add_page(account: Account, page: list[dict[str, Any]], layout: Layout | None) -> int | None:
    """Add a page of refused rows, and return the line of the last, None where there is none."""
    for reject in (Reject(**kept) for kept in page):
        if len(account.rejects) < REJECTS_SHOWN:
            account.rejects.append(shown(reject, layout))
        if reject.reason.endswith(KEPT_SHORTENED):
            account.has_shortened = True
        else:
            account.rejects_bytes += kept_bytes(reject)
    return page[-1]["line"] if page else None
