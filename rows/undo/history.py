"""What becomes of rows when changes are taken out of their histories."""

from collections.abc import Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """One change of a row by the upload that is taken back.

    number says the order of updates, 0 stands for an insert; content is what stood before, None for nothing.
    next_number is that of the row's next update, by anyone, and next_own_number that of the next by the same upload.
    """

    number: int
    id: int
    content: str | None
    next_number: int | None
    next_own_number: int | None


class TakenOut(NamedTuple):
    """What is to be done: contents that rows get, None where they go; contents that stood before later updates, by
    their numbers; and the ids of the rows that are dealt with by this and stay as they are.
    """

    rows: dict[int, str | None]
    before: dict[int, str | None]
    kept: list[int]


def take_out(changes: Sequence[Change]) -> TakenOut:
    """Take changes, oldest first, out of the histories of their rows.

    Where another change follows, what stood before is what that one would bring back. Where none does, it comes back.
    """
    own = {change.number: change for change in changes if change.number}
    taken = TakenOut({}, {}, [])
    for change in reversed(changes):  # what stood before the oldest counts
        follower = change.next_number
        while follower in own:
            follower = own[follower].next_number
        if follower is None:
            taken.rows[change.id] = change.content
        else:
            taken.before[follower] = change.content
    latest = {change.id: change for change in changes}
    # A row with further changes by the upload, in a later batch, is dealt with there.
    taken.kept.extend(key for key, last in latest.items() if key not in taken.rows and last.next_own_number is None)
    return taken
