"""The stable codes: those that the code uses, those that it explains, and those of docs/errors.md are the same."""

import ast
import re
from collections.abc import Iterator

from project import PROJECT

from handlers.answer.codes import CODES
from rows.codes import OF_FILES, OF_RECORDS

FOLDERS = ("handlers", "rows", "sql")
TAKE_A_CODE = {"Problem": 0, "FileRefused": 0, "Fault": 0, "Stop": 0, "Ending": 2}
"""What is called with a code, and in which place that stands."""


def trees() -> Iterator[ast.Module]:
    yield ast.parse((PROJECT / "service.py").read_text())
    for folder in FOLDERS:
        for path in (PROJECT / folder).rglob("*.py"):
            if path.name != "codes.py":
                yield ast.parse(path.read_text())


def constants(node: ast.AST) -> Iterator[str]:
    yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def codes_given(tree: ast.Module) -> Iterator[str]:
    """Yield the codes that stand as they are in a call which takes one."""
    for call in ast.walk(tree):
        place = (
            TAKE_A_CODE.get(call.func.id) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
        )
        if place is not None and len(call.args) > place and isinstance(call.args[place], ast.Constant):
            yield call.args[place].value


def rows_of(title: str) -> list[list[str]]:
    """Return the cells of the table below a title of docs/errors.md."""
    section = (PROJECT / "docs/errors.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [[line[0].strip("`"), *line[1:]] for line in lines]


def test_every_code_that_is_given_is_explained():
    given = {code for tree in trees() for code in codes_given(tree)} - {""}

    assert len(given) > 40
    assert given - {*CODES, *OF_RECORDS} == set()


def test_every_code_that_is_explained_is_used():
    used = {text for tree in trees() for text in constants(tree)}
    of_status = set(re.findall(r'\d{3}: "(\w+)"', (PROJECT / "handlers/answer/codes.py").read_text()))

    assert {*CODES, *OF_RECORDS} - used - of_status == set()


def test_docs_have_the_codes_of_errors_with_their_statuses():
    ours = [[code, status.split()[0], meaning] for code, (status, meaning) in CODES.items() if code not in OF_FILES]

    assert rows_of("Of a request") == ours


def test_docs_have_the_codes_of_files():
    assert rows_of("Of a file") == [[*item] for item in OF_FILES.items()]


def test_docs_have_the_codes_of_records():
    assert rows_of("Of a record") == [[*item] for item in OF_RECORDS.items()]
