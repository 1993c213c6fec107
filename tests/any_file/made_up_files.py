"""Files that hypothesis makes up: sound ones, odd ones and broken ones, with options that make sense and that make none."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st
from reader import TABLES

DELIMITERS = [",", ";", "\t", "|"]
ZONES = ["Europe/Berlin", "America/Lima", "Pacific/Apia", "UTC"]
ENCODINGS = {
    "utf-8": ["utf-8"],
    "utf-8-sig": ["utf-8", "cp1252"],
    "utf-16": ["utf-16", "utf-8"],
    "cp1252": ["cp1252", "latin-1", "iso-8859-1"],
    "iso-8859-15": ["iso-8859-15"],
}
"""How files are written, and what encoding may say of each: a mark counts more."""

NO_TEXT = "\udc81"
"""A byte that is no text in UTF-8 and in cp1252."""


@dataclass(frozen=True)
class Sent:
    """A file as it is sent: the texts of its records, the line end behind each, and the options."""

    table: str
    parts: list[str]
    line_ends: list[str]
    encoding: str = "utf-8"
    options: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        text = "".join(part + end for part, end in zip(self.parts, self.line_ends, strict=True))
        try:
            return text.encode(self.encoding, "surrogatepass" if self.encoding == "utf-16" else "surrogateescape")
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogateescape")

    def with_part(self, place: int, part: str) -> "Sent":
        return replace(self, parts=[*self.parts[:place], part, *self.parts[place + 1 :]])


# Values


def mostly(sound: st.SearchStrategy[str], odd: st.SearchStrategy[str], times: int) -> st.SearchStrategy[str]:
    """That many sound values for an odd one; one_of() would count a strategy once, however often it stands there."""
    return st.sampled_from([sound] * times + [odd]).flatmap(lambda chosen: chosen)


sound_names = st.sampled_from(["Ana", "Zoé", "Bo Roe", 'Roe, "A" B', "x;y", "a\tb|c", "two\nlines", "two\r\nmore", "€"])
odd_names = st.sampled_from(
    ["", " ", "NULL", "NA", "\\N", "12", '"', ',"', '"\n', "=1+1", "\u2028", *["n" * 1001, "a\0b"] * 2, "_"]
)
names = mostly(sound_names, odd_names | st.text('"",;\t|\n\r aé\\x', max_size=5), 4)
sound_numbers = st.integers(1, 3).map(str)
odd_numbers = st.sampled_from(
    ["", "\\N", "NULL", "NA", "1.0", "2,0", "96,00", "+3", " 2\t", "x", "1_0", "9223372036854775808", "1e3"]
)
keys = mostly(st.integers(1, 60).map(str), odd_numbers, 15)
days = st.tuples(
    st.sampled_from([*range(1, 13)] * 4 + [13]),
    st.integers(1, 29),
    st.sampled_from(["2021", "1999"] * 6 + ["0999", "21"]),
)
times = st.sampled_from(
    ["", "", " 16:02", " 9:05", " 16:02:08.500", " 4:02 PM", " 12:00:01am", " 13:00 PM", " 16:02+02:00", " 02:30 UTC"]
)
iso = st.sampled_from(
    [
        *["2021-07-27T16:02:08Z", "2021-07-27", "2021-07-27 16:02:08,123456", "2021-07-27 16:02 UTC"],
        *["1999-12-31T23:59:59-01:00", "2021-03-28 02:30", "2021-10-31 02:30:00", "2011-12-30T12:00"],
        *["2021-07-27T16:02:08Z", "2021-07-27 16:02"] * 5,
        *["2021-07-27T16:02:08.1234567", "0999-12-31T23:30-01:00", "9999-12-31 23:30", "2021-02-30", "", "\\N", "soon"],
    ]
)
unix = st.sampled_from(["1627401728", "-1.5", "1627401728123", "1627401728.1234560", "1.0000001", "99999999999999"])
local = st.sampled_from(
    ["2021-03-28 02:30", "2021-10-31 02:30:00", "2011-12-30T12:00", "2021-07-27 16:02", "2021-07-27"]
)


@st.composite
def moments(draw: st.DrawFn, options: dict[str, str]) -> str:
    """A timestamp, mostly in the order that was asked for."""
    if "timezone" in options and draw(st.booleans()):
        return draw(local)
    order = draw(st.sampled_from([options.get("dates", "iso")] * 12 + ["iso", "dmy", "mdy", "ymd", "unix"]))
    if order == "iso":
        return draw(iso)
    if order.startswith("unix"):
        return draw(unix)
    month, day, year = draw(days)
    parts = {"d": draw(st.sampled_from(["{}", "{:02}"])).format(day), "m": str(month), "y": year}
    return draw(st.sampled_from("./-")).join(parts[part] for part in order) + draw(times)


def values(kind: str, is_key: bool, options: dict[str, str]) -> st.SearchStrategy[str]:
    if kind == "integer":
        return keys if is_key else mostly(sound_numbers, odd_numbers, 8)
    return moments(options) if kind == "timestamp" else names


# Headers

FOREIGN = ["Nr", "Nombre", "Fecha", "Salary", "", "2021", "-"]


@st.composite
def layouts(draw: st.DrawFn, table: str) -> list[tuple[str, str | None]]:
    """What a file's fields are: each with its name in the file, and its column or None."""
    columns = TABLES[table].columns
    if draw(st.integers(0, 2)) == 0:
        return [(column.name, column.name) for column in columns]
    chosen = [column.name for column in columns if column.required or draw(st.integers(0, 4))]
    layout: list[tuple[str, str | None]] = [
        (draw(spellings(name)), name) for name in draw(st.one_of(st.just(chosen), st.permutations(chosen)))
    ]
    kinds = st.sampled_from(["passed", "passed", "extra", "extra", "foreign", "doubled", "all", "drop"])
    for change in draw(st.one_of(st.just([]), st.lists(kinds, min_size=1, max_size=2))):
        place = draw(st.integers(0, len(layout)))
        if change in ("passed", "extra"):
            layout.insert(place, (draw(st.sampled_from(["_note", "_"] if change == "passed" else FOREIGN)), None))
        elif change == "doubled":
            layout.append(draw(st.sampled_from(layout)))
        elif change == "all":
            layout = [(draw(st.sampled_from(FOREIGN)), column) for _, column in layout]
        elif len(layout) > 1 and place < len(layout):
            layout[place] = (draw(st.sampled_from(FOREIGN)), layout[place][1])
            if change == "drop":
                del layout[place]
    return layout


def spellings(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [name, name, name.upper(), name.replace("_", " ").title(), f" {name}\t", name.replace("_", "-")]
    )


# Options


@st.composite
def options_for(draw: st.DrawFn, table: str, layout: list[tuple[str, str | None]], titles: int) -> dict[str, str]:
    """Up to three options, each mostly one that fits the file."""
    columns = [column.name for column in TABLES[table].columns]
    named = [column or "-" for _, column in layout]
    choices = {
        "delimiter": ["right", "right", "right", "right", ",", ";", "tab", "|"],
        "header": ["true", "false", "skip", str(titles + 1), str(titles + 1), "2", "9"],
        "columns": [",".join(named)] * 5
        + [",".join(columns), ",".join(reversed(columns)), "id,-", "id,id", "salary,id"],
        "extra": ["ignore", "ignore", "refuse"],
        "nulls": ["", "NULL,NA", "NA", "Ana,\\N"],
        "decimal": ["comma", "comma", "point"],
        "dates": ["dmy", "mdy", "ymd", "unix", "unix_ms", "iso"],
        "timezone": ZONES,
        "strict": ["true", "true", "false"],
    }
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), max_size=3, unique=True))
    options = {name: draw(st.sampled_from(choices[name])) for name in chosen}
    if draw(st.integers(0, 5)) == 0:
        options["timezone"] = "Europe/Berlin"
    if titles and draw(st.booleans()):
        options["header"] = str(titles + 1)
    if any(column is None and not name.startswith("_") for name, column in layout) and draw(st.booleans()):
        options["extra"] = "ignore"
    if any(name in FOREIGN for name, column in layout if column) and draw(st.integers(0, 2)):
        options["columns"] = ",".join(named)
    return options


# Files


@st.composite
def files(draw: st.DrawFn, with_options: bool = True) -> Sent:
    """A file of one of the tables: lines above its header, a header, rows, a header further down, damage; any may be missing."""
    table = draw(st.sampled_from(["hired_employees", "hired_employees", "departments", "jobs"]))
    layout = draw(layouts(table))
    titles = draw(
        st.sampled_from([[]] * 16 + [["Hires of 2021"], ["Hires", "", "until May"], ["Export,2021;x"], [",;"]])
    )
    options = draw(options_for(table, layout, len(titles))) if with_options else {}
    delimiter = draw(st.sampled_from(DELIMITERS))
    if options.get("delimiter") == "right":
        options["delimiter"] = {"\t": "tab"}.get(delimiter, delimiter)
    quotes_all = draw(st.integers(0, 4)) == 0
    has_header = draw(st.integers(0, 2)) > 0
    columns = [(column.name, column.name) for column in TABLES[table].columns]
    by_position = not has_header and "columns" not in options and draw(st.integers(0, 4)) > 0
    layout = columns if by_position else layout

    others = draw(st.sampled_from([delimiter] * 12 + DELIMITERS))
    parts = [*titles]
    if has_header:
        parts.append(draw(damaged(written([name for name, _ in layout], delimiter, quotes_all), delimiter, rarely=30)))
    kinds = {column.name: column for column in TABLES[table].columns}
    for _ in range(draw(st.integers(0, 8))):
        fields = [draw(values(kinds[name].kind, name == "id", options) if name else names) for _, name in layout]
        used = draw(st.sampled_from([delimiter, others]))
        parts.append(draw(damaged(written(fields, used, quotes_all), delimiter, rarely=9)))
    if parts and draw(st.integers(0, 4)) == 0:
        below = draw(
            st.one_of(st.just(layout), st.just(layout), st.permutations(layout), st.just(layout[:-1]), st.just(columns))
        )
        place = draw(st.integers(min(len(titles) + 2, len(parts)), len(parts)))
        parts.insert(place, written([draw(spellings(name)) for name, _ in below], delimiter, quotes_all))
    if draw(st.integers(0, 15)) == 0:
        parts.insert(0, draw(st.sampled_from([f"sep={delimiter}", f'"SEP={delimiter}"', "sep=;", "sep=x", "sep="])))

    encoding = draw(st.sampled_from(["utf-8"] * 10 + list(ENCODINGS)))
    if with_options and draw(st.integers(0, 3)) > 0 and encoding != "utf-8":
        options["encoding"] = draw(st.sampled_from(ENCODINGS[encoding]))
    return Sent(table, parts, draw(line_ends(len(parts))), encoding, options)


@st.composite
def line_ends(draw: st.DrawFn, number: int) -> list[str]:
    """The same behind each record, mostly, and none behind the last, perhaps."""
    each = st.sampled_from(["\n", "\r\n", "\r"])
    ends = [draw(each) for _ in range(number)] if draw(st.integers(0, 7)) == 0 else [draw(each)] * number
    return [*ends[:-1], draw(st.sampled_from([ends[-1], ""]))] if ends else []


def written(fields: list[str], delimiter: str, quotes_all: bool = False) -> str:
    """Return a record of these fields."""
    return delimiter.join(
        '"' + text.replace('"', '""') + '"' if quotes_all or any(char in text for char in f'"\r\n{delimiter}') else text
        for text in fields
    )


@st.composite
def damaged(draw: st.DrawFn, part: str, delimiter: str, rarely: int = 1) -> str:
    """A record, of which one in so many is damaged at some place."""
    if draw(st.integers(0, rarely - 1)) < rarely - 1:
        return part
    place = draw(st.integers(0, len(part)))
    more = draw(st.sampled_from(['"', '"', NO_TEXT, NO_TEXT + '"', "\0", "x" * 1001, delimiter]))
    lost = draw(st.sampled_from(["", "", " ", ";", ","]))
    return draw(
        st.sampled_from(
            [
                *[part[:place] + more + part[place:]] * 3,
                part.replace(delimiter, lost, 1),
                delimiter.join(part.split(delimiter)[:-1]),
                part[: max(place, 1)].rstrip("\r"),  # a CR and the LF behind it would be one line end
            ]
        )
    )


@st.composite
def sound_files(draw: st.DrawFn) -> tuple[Sent, str]:
    """A file with a sound record first, whose quoted fields begin and end with letters, and its delimiter.

    A quote that is left open cannot end at one that such a field begins with, so it breaks its own record alone.
    """
    table = draw(st.sampled_from(sorted(TABLES)))
    delimiter, quotes_all = draw(st.sampled_from(DELIMITERS)), draw(st.booleans())
    columns = TABLES[table].columns
    parts = [written([column.name for column in columns], delimiter, quotes_all)] if draw(st.booleans()) else []
    for key in range(3, 3 + draw(st.integers(4, 9))):
        fields = [str(key)]
        for column in columns[1:]:
            sound = {"text": sound_names, "timestamp": st.just("2021-07-27 16:02"), "integer": sound_numbers}[
                column.kind
            ]
            fields.append(draw(sound))
        parts.append(written(fields, delimiter, quotes_all))
    return Sent(table, parts, draw(line_ends(len(parts)))), delimiter


@st.composite
def long_records(draw: st.DrawFn) -> Sent:
    """A file in which well-quoted and broken records are about as long as a small limit, with what looks like rows inside."""
    inside = ["n", "é", "\n", "\r\n", '""', "7,Ana,,,\n", "\n8,Bo,,,\r\n", NO_TEXT, ","]
    parts = ["1,Ana,,,"]
    for key in range(2, 2 + draw(st.integers(1, 5))):
        name = "".join(draw(st.lists(st.sampled_from(inside), max_size=8)))
        name += "x" * draw(st.one_of(st.just(0), st.integers(0, 80), st.integers(45, 55)))
        shape = draw(
            st.sampled_from(['{},"{}",,,', '{},"{}",,,', '{},"{},,,', '{},"{}"x,,,', "{},{},,,", "{},Ana,,,", "{},{}"])
        )
        parts.append(shape.format(key, name))
    return Sent("hired_employees", parts, draw(line_ends(len(parts))))


small_texts = st.text(st.sampled_from('"",,;\t|\n\n\r1123 aé\\N._-id'), max_size=60)
"""Texts of which nearly every character means something."""

pieces = st.lists(
    st.sampled_from(
        [
            *["1", "2", "id", "name", "job", "job_id", "Ana", "2021-07-27", *',,,,;|\t\n\n\n\r"" _'],
            *["\n3,Ana,2021-07-27,1,2\n", "\n4,,,,\n", "\n5;Bo;;1;\n", "id,name\n", "id;name\n", "\n6,Sales\n", '"\n']
            * 2,
        ]
    ),
    max_size=30,
).map("".join)
"""Texts made of what files are made of, put together without sense."""
