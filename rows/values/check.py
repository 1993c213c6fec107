"""Records to rows, column by column: a record that breaks a rule of its table becomes a refused row."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple

from rows.fault import Fault, Stop
from rows.records.layout import Layout
from rows.records.records import BLANK, Records, wrong_field_count
from rows.table import Column, Row
from rows.values.rules import Rules, Type
from rows.values.texts import unescape

Faults = dict[int, tuple[str | None, Fault]]
"""The first fault of each record that has one, by the record's index, after the column that is at fault."""


NULL_WORDS = frozenset(
    (
        *(
            "NULL",
            "null",
            "Null",
            "(null)",
            "<null>",
            "NA",
            "<NA>",
            "N/A",
            "n/a",
            "#N/A",
            "NaN",
            "nan",
            "NaT",
            "None",
            "nil",
        ),
        *("0000-00-00", "0000-00-00 00:00:00"),
    )
)
"""What other tools write for an empty field, and what some people are called."""


class Checked(NamedTuple):
    """The sound rows of a batch, in file order and the table's column order; rows[i] is of record indexes[i].

    wordy are the places of the columns of text that may hold any of NULL_WORDS, or a backslash. stop says why the load
    ends behind the batch, where it does.
    """

    rows: list[Row]
    indexes: Sequence[int]
    faults: Faults
    wordy: Sequence[int] = ()
    stop: Stop | None = None

    def before(self, index: int, stop: Stop) -> "Checked":
        """Return what stands before a record, behind which the load ends."""
        sound = bisect_left(self.indexes, index)
        faults = {number: fault for number, fault in self.faults.items() if number < index}
        return self._replace(rows=self.rows[:sound], indexes=self.indexes[:sound], faults=faults, stop=stop)

    @property
    def records(self) -> int:
        """How many records these are."""
        return len(self.rows) + len(self.faults)

    def parted(self, count: int) -> tuple["Checked", "Checked"]:
        """Return the first `count` of these records, and the others, behind which the load ends where it does."""
        if not count:
            return Checked([], [], {}), self
        counted = sorted((*self.indexes, *self.faults))
        place = counted[count] if count < len(counted) else counted[-1] + 1 if counted else 0
        sound = bisect_left(self.indexes, place)
        faults = {index: fault for index, fault in self.faults.items() if index < place}
        others = {index: fault for index, fault in self.faults.items() if index >= place}
        first = Checked(self.rows[:sound], self.indexes[:sound], faults, self.wordy)
        return first, self._replace(rows=self.rows[sound:], indexes=self.indexes[sound:], faults=others)


def check(records: Records, columns: Sequence[Column], layout: Layout, rules: Rules) -> Checked:
    """Return the records' rows and the faults of the others. A record without content is neither."""
    faults: Faults = {index: (None, fault) for index, fault in records.broken.items()}
    indexes: Sequence[int] = range(len(records))
    if not records.are_all(layout.width):
        indexes = _of_width(records, layout, faults)
    fields = records.columns(indexes, layout.width)
    has_backslash = "\\" in records.text  # a look for one character costs next to nothing
    words = (word for word in rules.nulls if has_backslash or "\\" not in word)
    nulls = frozenset(word for word in words if word in records.text)
    rules = rules._replace(nulls=nulls, has_escapes=rules.has_escapes and has_backslash)
    values = [
        _values(column, fields[place] if indexes and place is not None else None, indexes, faults, rules)
        for column, place in zip(columns, layout.places, strict=True)
    ]
    texts = (place for place, column in enumerate(columns) if column.type == "text")
    wordy = [place for place in texts if has_backslash or not NULL_WORDS.isdisjoint(values[place])]
    checked = _without(Checked(list(zip(*values, strict=True)), indexes, faults, wordy))
    for index in [*filter(records.is_empty, faults)]:
        del faults[index]
    return checked


def refuse_unknown(checked: Checked, columns: Sequence[Column], unknown: Collection[tuple[str, int]]) -> Checked:
    """Return the batch without the rows that refer to an unknown id, given as its column's name and the id."""
    for index, row in zip(checked.indexes, checked.rows, strict=True):
        for column, value in zip(columns, row, strict=True):
            if (column.name, value) in unknown:
                fault = Fault("unknown_reference", f"is {value}, an id that is not stored")
                checked.faults.setdefault(index, (column.name, fault))
    return _without(checked)


def _of_width(records: Records, layout: Layout, faults: Faults) -> Sequence[int]:
    """Return the indexes of the records that have as many fields as the layout; the others are at fault."""
    for index, width in enumerate(map(records.width, range(len(records)))):
        if width != layout.width:
            faults.setdefault(index, (None, wrong_field_count(width, layout.width)))
    return [index for index in range(len(records)) if index not in faults]


def _values(
    column: Column, texts: Sequence[str] | None, indexes: Sequence[int], faults: Faults, rules: Rules
) -> Sequence[object]:
    """Return the column's values, None for an empty field and for one at fault."""
    kind = rules.types[column.type]
    values: Sequence[object] | None = [None] * len(indexes)
    if texts is not None:
        texts = _without_words(texts, rules.nulls)
        if rules.has_escapes and column.type == "text":
            texts = list(map(unescape, texts))
        values = kind.quick(texts)
    if values is None:
        values = _values_closely(kind, texts or (), rules)
        for index, value in zip(indexes, values, strict=True):
            if isinstance(value, Fault):
                faults.setdefault(index, (column.name, value))
    if rules.nulls and column.type == "text":  # a word may have stood between blanks
        values = [None if value in rules.nulls else value for value in values]
    if (column.required or rules.strict) and None in values:
        for index, value in zip(indexes, values, strict=True):
            if value is None:
                faults.setdefault(index, (column.name, Fault("missing_value", "is empty")))
    return values


def _values_closely(kind: Type, texts: Sequence[str], rules: Rules) -> Sequence[object]:
    """Return the values of texts, a Fault for each that is at fault: only those that are odd are read one by one."""
    odd = kind.odd(texts)
    quick = kind.quick(_with_empty(texts, odd)) if len(odd) < len(texts) else None
    values: list[object] = [*quick] if quick else [None] * len(texts)
    for place in odd if quick else range(len(texts)):
        text = texts[place]
        values[place] = None if rules.is_null(text) else kind.read(text.strip(BLANK))
    return values


def _with_empty(texts: Sequence[str], places: Sequence[int]) -> Sequence[str]:
    """Return the texts, empty ones at these places."""
    changed = [*texts]
    for place in places:
        changed[place] = ""
    return changed


def _without_words(texts: Sequence[str], words: frozenset[str]) -> Sequence[str]:
    """Return the texts, empty ones in place of the words."""
    return texts if not words or words.isdisjoint(texts) else ["" if text in words else text for text in texts]


def _without(checked: Checked) -> Checked:
    """Return the batch without the rows whose records are at fault."""
    rows, indexes, faults = checked[:3]
    if faults.keys().isdisjoint(indexes):
        return checked
    sound = [(row, index) for row, index in zip(rows, indexes, strict=True) if index not in faults]
    return checked._replace(rows=[row for row, _ in sound], indexes=[index for _, index in sound])
