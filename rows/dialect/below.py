"""Headers further down, as where files were joined: refused where the order stays, the end of the load where not."""

from collections.abc import Sequence

from rows.dialect.advice import header_too_long
from rows.dialect.find import Form
from rows.dialect.head import FIELDS_MAX
from rows.dialect.header import fits, holds_value, normal, places_of
from rows.fault import Fault, Stop
from rows.options import Options
from rows.records.kept import REPEATED_HEADER
from rows.records.records import BLANK, Records
from rows.table import Column
from rows.values.check import Checked
from rows.values.rules import Rules, rules_of

REPEATED = Fault(REPEATED_HEADER, "is a header again")

CROSSED = (
    "the header on line {line} has the columns in another order than they are read in, so nothing was read from there "
    "on: send what follows as a file of its own, which begins with that header"
)


def refuse_headers(
    records: Records, checked: Checked, form: Form, columns: Sequence[Column], options: Options, is_first: bool
) -> Checked:
    """Return the batch with its headers as refused rows, and without all that stands behind one in another order.

    No header is ever a sound row, for it has a name in the place of the key. is_first says that the batch begins with
    the file's first record: one that is no header because header=false says so is refused as any row.
    """
    if not checked.faults:
        return checked
    rules = rules_of(options)
    is_kept = form.layout.kept is not None
    for index in sorted(checked.faults):
        fields = _own_fields(records, index, form)
        if is_kept:
            is_header, is_crossed = index in records.headers and not _holds_value(fields, form, columns, rules), False
        elif _is_own_header(fields, form, columns, rules):
            is_header, is_crossed = True, False
        else:
            is_header = fits(fields, columns, options.extra)
            is_crossed = is_header and _is_crossed(fields, form, columns)
        is_below = is_header and bool(index or not is_first)
        if is_below and not is_kept and len(records.raws[index]) > options.header_chars_max:
            code, sentence = header_too_long(records.lines[index], options.header_chars_max)
            return checked.before(index, Stop(code, f"{sentence}; nothing was read from there on"))
        if is_crossed:
            return checked.before(index, Stop("header_crossed", CROSSED.format(line=records.lines[index])))
        if is_below:
            checked.faults[index] = (None, REPEATED)
    return checked


def _own_fields(records: Records, index: int, form: Form) -> list[str]:
    """Return the trimmed fields that the file's own columns have in a record, none where it is broken or too wide."""
    if index in records.broken or records.width(index) > FIELDS_MAX:
        return []
    fields = records.fields(index)
    if len(fields) == form.layout.width:
        fields = [fields[place] for place in form.layout.own]
    return [field.strip(BLANK) for field in fields]


def _is_own_header(fields: Sequence[str], form: Form, columns: Sequence[Column], rules: Rules) -> bool:
    own = form.layout.header or form.layout.names
    if len(fields) != len(own) or any(normal(field) != normal(name) for field, name in zip(fields, own, strict=True)):
        return False
    return not _holds_value(fields, form, columns, rules)


def _holds_value(fields: Sequence[str], form: Form, columns: Sequence[Column], rules: Rules) -> bool:
    by_place = dict(zip(form.layout.places, columns, strict=True))
    return holds_value(fields, [by_place.get(place) for place in form.layout.own], rules)


def _is_crossed(fields: Sequence[str], form: Form, columns: Sequence[Column]) -> bool:
    """Whether a header has a column in another place than the one that it is read from."""
    places = zip(form.layout.places, places_of(fields, columns), strict=True)
    return len(fields) != len(form.layout.own) or any(place not in (None, found) for place, found in places)
