"""Files of invented hires, the same for the same seed: what every measurement loads."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

SEED = 20211231
DEPARTMENTS = 12
JOBS = 183
FIRST_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
SECONDS = 3 * 365 * 86400
"""Hires are spread over three years."""

SYLLABLES = ("Ma", "ri", "lo", "Ben", "da", "Ka", "to", "sel", "Vi", "no")
FIRST_NAMES = ["".join(syllables).title() for syllables in product(SYLLABLES, repeat=2)]
LAST_NAMES = ["".join(syllables).title() for syllables in product(SYLLABLES, repeat=3)]
HEADER = "id,name,datetime,department_id,job_id\n"


def write_hires(path: Path, rows: int, first_id: int = 1) -> Path:
    """Write a file of hires with a header and ids in order, about 47 bytes each."""
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(_records(rows, first_id))
    return path


def write_names(path: Path, kind: str, number: int) -> Path:
    """Write the departments or jobs that the hires have."""
    path.write_text("".join(f"{i},{kind} {i}\n" for i in range(1, number + 1)))
    return path


def rewrite(path: Path, source: Path, change: Callable[[list[str]], list[str]]) -> Path:
    """Write a file of hires anew, each with its fields changed."""
    with source.open() as records, path.open("w") as file:
        file.write(next(records))
        file.writelines(",".join(change(record.split(","))) for record in records)
    return path


def with_day_first(fields: list[str]) -> list[str]:
    """Return a hire with its moment as 27/07/2021 16:02:08."""
    number, name, moment, *ids = fields
    return [number, name, f"{moment[8:10]}/{moment[5:7]}/{moment[:4]} {moment[11:19]}", *ids]


def with_other_name(fields: list[str]) -> list[str]:
    """Return a hire of another name."""
    number, name, *others = fields
    return [number, f"{name} II", *others]


def with_quotes(fields: list[str]) -> list[str]:
    """Return a hire with each field between quotes."""
    return [f'"{field}"' for field in fields[:-1]] + [f'"{fields[-1].rstrip()}"\n']


def with_some_quotes(fields: list[str]) -> list[str]:
    """Return a hire, whose name has a comma and so quotes where it is one of fifty."""
    number, name, *others = fields
    return [number, f'"{name}, Jr."' if int(number) % 50 == 7 else name, *others]


def with_some_refused(fields: list[str]) -> list[str]:
    """Return a hire, of which three of a hundred have a department that is no number."""
    number, name, moment, department, job = fields
    return [number, name, moment, "sales" if int(number) % 100 in (7, 40, 73) else department, job]


def with_word(word: str) -> Callable[[list[str]], list[str]]:
    """Return what gives every fifth hire a word in place of its department."""

    def change(fields: list[str]) -> list[str]:
        number, name, moment, department, job = fields
        return [number, name, moment, word if int(number) % 5 == 0 else department, job]

    return change


def _records(rows: int, first_id: int) -> Iterator[str]:
    chance = random.Random(f"{SEED} {first_id}")
    for number in range(first_id, first_id + rows):
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
        moment = FIRST_MOMENT + timedelta(seconds=chance.randrange(SECONDS))
        department, job = chance.randint(1, DEPARTMENTS), chance.randint(1, JOBS)
        yield f"{number},{name},{moment:%Y-%m-%dT%H:%M:%SZ},{department},{job}\n"
