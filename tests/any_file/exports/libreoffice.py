"""What LibreOffice writes: a sheet saved as CSV, with its dates and numbers as it shows them."""

import csv
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from exports.made_up import Export, Table
from required import skip

SECONDS = 240
UTF_8, UTF_16, CP1252 = "76", "65535", "1"
"""LibreOffice's numbers of encodings. Its release 7.4 writes no byte order mark in UTF-8."""

STANDARD, TEXT = "1", "2"
"""Its numbers of how a column is taken: numbers and dates found out, or everything as text."""

ENGLISH = "1033"

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class Shown(NamedTuple):
    """How dates are shown: a format's code in a language, and what of a moment is left."""

    code: str
    language: str
    unit: timedelta


DATES = {
    "ISO": Shown("YYYY-MM-DD HH:MM:SS", "en-US", SECOND),
    "ISO with a T": Shown('YYYY-MM-DD"T"HH:MM:SS', "en-US", SECOND),
    "day first": Shown("DD/MM/YYYY", "en-GB", DAY),
    "day first, hours": Shown("DD/MM/YYYY HH:MM", "en-GB", MINUTE),
    "day first, dots": Shown("DD.MM.YYYY HH:MM:SS", "en-US", SECOND),
    "month first, half days": Shown("MM/DD/YYYY HH:MM AM/PM", "en-US", MINUTE),
    "month first, one digit": Shown("M/D/YYYY H:MM:SS", "en-US", SECOND),
    "year first, slashes": Shown("YYYY/MM/DD HH:MM", "en-US", MINUTE),
}
UNREADABLE = {
    "years of two digits": Shown("MM/DD/YY HH:MM", "en-US", MINUTE),
    "names of months": Shown("D. MMM YYYY", "en-US", DAY),
}
DELIMITERS = {"commas": ",", "semicolons": ";", "tabs": "\t", "pipes": "|"}
NUMBERS = {
    "two decimals": ("0.00", "en-US", {}),
    "two decimals behind a comma": ("0,00", "de-DE", {"decimal": "comma"}),
}

MACRO = """
Function one(name As String, value)
    Dim property As New com.sun.star.beans.PropertyValue
    property.Name = name
    property.Value = value
    one = property
End Function

Function by(url As String, options As String)
    Dim filter As String
    filter = "Text - txt - csv (StarCalc)"
    If Right(url, 4) = ".ods" Then filter = "calc8"
    by = Array(one("Hidden", True), one("FilterName", filter), one("FilterOptions", options))
End Function

' Each line: a file, how to read it, the formats of columns, a file to write, how to write it; parted by tabs
Sub save_all(list As String)
    Dim number As Integer, line As String, parts, formats, column, sheet, key As Long
    Dim language As New com.sun.star.lang.Locale
    number = FreeFile
    Open list For Input As #number
    Do While Not EOF(number)
        Line Input #number, line
        parts = Split(line, Chr(9))
        sheet = StarDesktop.loadComponentFromURL(parts(0), "_blank", 0, by(parts(0), parts(1)))
        If parts(2) <> "" Then
            For Each column In Split(parts(2), "|")
                formats = Split(column, "~")
                language.Language = Left(formats(2), 2)
                language.Country = Right(formats(2), 2)
                key = sheet.NumberFormats.queryKey(formats(1), language, False)
                If key = -1 Then key = sheet.NumberFormats.addNew(formats(1), language)
                sheet.Sheets(0).Columns(CInt(formats(0))).NumberFormat = key
            Next
        End If
        sheet.storeToURL(parts(3), by(parts(3), parts(4)))
        sheet.close(True)
    Loop
    Close #number
    StarDesktop.terminate()
End Sub
"""
XML = '<?xml version="1.0" encoding="UTF-8"?>'
PROFILE = {
    "registrymodifications.xcu": f"""{XML}
        <oor:items xmlns:oor="http://openoffice.org/2001/registry">
        <item oor:path="/org.openoffice.Setup/Office">
        <prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop>
        </item>
        </oor:items>""",
    "basic/script.xlc": f"""{XML}
        <library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
        <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" library:link="false"/>
        </library:libraries>""",
    "basic/Standard/script.xlb": f"""{XML}
        <library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard">
        <library:element library:name="Work"/>
        </library:library>""",
    "basic/Standard/Work.xba": f"""{XML}
        <script:module xmlns:script="http://openoffice.org/2000/script" script:name="Work" script:language="StarBasic">
        {escape(MACRO)}
        </script:module>""",
}
"""What a user's folder has to hold for the macro to be found; what is not said to be set up is overwritten at the start."""


@dataclass(frozen=True)
class Saved:
    """A file that LibreOffice opens, and how it is to save it: formats are codes and languages by the column's place."""

    content: bytes
    columns: Sequence[str]
    opened_with: str = ","
    delimiter: str = ","
    quotes_texts: bool = False
    encoding: str = UTF_8
    formats: Sequence[tuple[int, str, str]] = ()
    as_shown: bool = True
    by_ods: bool = False

    def lines(self, folder: Path, name: str) -> Iterator[str]:
        """Yield what the macro has to do, after having put the file into the folder."""
        opened, saved, between = folder / f"{name}.csv", folder / f"{name}.saved", folder / f"{name}.ods"
        opened.write_bytes(self.content)
        columns = "/".join(f"{place + 1}/{kind}" for place, kind in enumerate(self.columns))
        read = f"{ord(self.opened_with)},34,{UTF_8},1,{columns},{ENGLISH},false,true"
        write = f"{ord(self.delimiter)},34,{self.encoding},1,,0,{str(self.quotes_texts).lower()},true,{str(self.as_shown).lower()}"
        formats = "|".join(f"{place}~{code}~{language}" for place, code, language in self.formats)
        if self.by_ods:
            yield "\t".join([opened.as_uri(), read, formats, between.as_uri(), ""])
            yield "\t".join([between.as_uri(), "", "", saved.as_uri(), write])
        else:
            yield "\t".join([opened.as_uri(), read, formats, saved.as_uri(), write])


def save(files: Sequence[Saved]) -> list[bytes]:
    """Return the files as LibreOffice saves them."""
    program = shutil.which("soffice")
    if not program:
        skip("no soffice: apt-get install libreoffice-calc")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "profile/user/basic/Standard").mkdir(parents=True)
        for path, content in PROFILE.items():
            (folder / "profile/user" / path).write_text(content)
        work = folder / "work"
        with work.open("w") as lines:
            lines.writelines(f"{line}\n" for place, file in enumerate(files) for line in file.lines(folder, str(place)))
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
        command.append(f'macro:///Standard.Work.save_all("{work}")')
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        return [(folder / f"{place}.saved").read_bytes() for place in range(len(files))]


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as LibreOffice saves it."""
    planned = list(planned_exports(table.with_names(as_in_a_cell)))
    saved = save([file for _, file, *_ in planned])
    for (way, _, held, options, lost), content in zip(planned, saved, strict=True):
        yield Export(way, content, held, options, "the delimiter may be" if options else "", lost)


def as_in_a_cell(text: str) -> str:
    """Return a text as a cell holds it: a line ends in LF there."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


Planned = tuple[str, Saved, Table, dict[str, str], set[str]]


def planned_exports(table: Table) -> Iterator[Planned]:
    kinds = [TEXT if name in ("name", "department", "job") else STANDARD for name in table.columns]
    texts = [TEXT] * len(kinds)
    for header in (True, False):
        headed = "a header" if header else "no header"
        content = sheet_of(table, header)
        for name, delimiter in DELIMITERS.items():
            for quotes in (True, False):
                way = f"{headed}, {name}, {'texts quoted' if quotes else 'quoted where needed'}"
                for encoding, codec in {UTF_8: "utf-8", UTF_16: "utf-16", CP1252: "cp1252"}.items():
                    held = table.encodable(codec)
                    file = Saved(sheet_of(held, header), texts, ",", delimiter, quotes, encoding)
                    yield f"{way}, {codec}", file, held, {}, set()
        kept = table.without("\t")  # a tab is lost on the way
        yield f"{headed}, by way of .ods", Saved(sheet_of(kept, header), texts, by_ods=True), kept, {}, set()
        for name, (code, language, more) in NUMBERS.items():
            formats = [(place, code, language) for place, column in enumerate(table.columns) if column.endswith("id")]
            for delimiter in ",;":
                file = Saved(content, kinds, ",", delimiter, formats=formats)
                said = {"delimiter": delimiter, **more} if more else {}  # two fields may be parted by a comma as well
                yield f"{headed}, {name}, {delimiter}", file, table, said, set()
        if table.is_dated:
            yield from dated(table, kinds, header)


def dated(table: Table, kinds: Sequence[str], header: bool) -> Iterator[Planned]:
    place = table.columns.index("datetime")
    headed = "a header" if header else "no header"
    for name, (code, language, unit) in {**DATES, **UNREADABLE}.items():
        cut = table.with_moments(lambda moment, unit=unit: moment - (moment - datetime.min) % unit)
        lost = {str(row[0]) for row in cut.rows if row[place]} if name in UNREADABLE else set()
        for delimiter in ",;":
            file = Saved(sheet_of(cut, header), kinds, ",", delimiter, formats=[(place, code, language)])
            yield f"{headed}, {name}, {delimiter}", file, cut, {}, lost
    for delimiter in ",;":
        formats = [(place, code, language) for code, language, _ in [UNREADABLE["years of two digits"]]]
        file = Saved(sheet_of(table, header), kinds, ",", delimiter, formats=formats, as_shown=False)
        yield f"{headed}, dates not as they are shown, {delimiter}", file, table, {}, set()


def sheet_of(table: Table, header: bool) -> bytes:
    """Return what is opened."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerows([table.columns] if header else [])
    writer.writerows(
        [value.isoformat() if hasattr(value, "isoformat") else value for value in row] for row in table.rows
    )
    return stream.getvalue().encode()
