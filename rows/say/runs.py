"""Ids as runs, as the ledger keeps those of a batch: `1-1000,7,7` has the ids 1 to 1000, and 7 twice more."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple


class BatchIds(NamedTuple):
    """What became of the ids of one batch, each list as runs; read_before is how many records came before it."""

    read_before: int
    first_id: int
    last_id: int
    inserted: str
    updated: str
    skipped: str
    conflicts: str


RUN = re.compile(r"(-?[0-9]+)(?:-(-?[0-9]+))?")


def runs_of(ids: Sequence[int]) -> str:
    """Return the ids in their order; what grows by one from id to id is a run."""
    if ids and [*range(ids[0], ids[0] + len(ids))] == ids:
        return _run(ids[0], ids[-1])
    starts = [place for place, (one, next_one) in enumerate(pairwise(ids), 1) if next_one != one + 1]
    if len(starts) == len(ids) - 1:
        return ",".join(map(str, ids))
    ends = [*starts, len(ids)] if ids else []
    return ",".join(_run(ids[start], ids[end - 1]) for start, end in zip([0, *starts], ends, strict=False))


def ids_of(runs: str) -> Iterator[int]:
    """Yield the ids that the runs have, in their order."""
    for run in RUN.finditer(runs):
        yield from range(int(run[1]), int(run[2] or run[1]) + 1)


def batch_ids(
    read_before: int,
    inserted: Sequence[int],
    updated: Sequence[int],
    skipped: Sequence[int],
    conflicts: Sequence[int],
) -> BatchIds | None:
    """Return what the ledger keeps of a batch's ids, none where it has none."""
    found = [*inserted, *updated, *skipped]
    if not found:
        return None
    return BatchIds(read_before, min(found), max(found), *map(runs_of, (inserted, updated, skipped, conflicts)))


def has_id(runs: str, id: int) -> bool:
    """Whether the id is in one of the runs."""
    return any(int(run[1]) <= id <= int(run[2] or run[1]) for run in RUN.finditer(runs))


def outcomes(batch: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield each id of a batch with what became of its row: inserted, updated, skipped, or skipped for a conflict."""
    for outcome in ("inserted", "updated"):
        yield from ((key, outcome) for key in ids_of(batch[outcome]))
    conflicts = Counter(ids_of(batch["conflicts"]))
    for key in ids_of(batch["skipped"]):
        is_conflict = conflicts[key] > 0
        conflicts[key] -= is_conflict
        yield key, "conflict" if is_conflict else "skipped"


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
