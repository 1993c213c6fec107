"""Query and path parameters, read strictly: an unknown, doubled or bad one is a 400 that names it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import falcon

from handlers.answer.problems import Problem
from rows.fault import Fault, cut
from rows.options import Options
from rows.values.integers import INTEGER_MAX, INTEGER_MIN
from rows.values.rules import rules_of
from rows.values.texts import TEXT_CHARS_MAX

TYPES = rules_of(Options()).types
"""How a parameter is read: as a field is, of an upload without options."""

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "integer": {"type": "integer", "minimum": INTEGER_MIN, "maximum": INTEGER_MAX},
    "text": {"type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX},
    "timestamp": {"type": "string", "examples": ["2021-07-27T16:02:08Z", "2021-07-27"]},
}

Sent = Mapping[str, str | list[str]]
"""Parameters as they were sent: the text of each by its name, or several."""


@dataclass(frozen=True)
class Reader:
    """How a parameter is read, and what is said of it.

    read turns its text into its value, or raises ValueError with the end of a sentence about it. schema is a JSON
    Schema.
    """

    read: Callable[[str], Any]
    schema: Mapping[str, Any]

    def described(self, description: str) -> "Reader":
        """Return the reader with a sentence on what the parameter is for."""
        return replace(self, schema={**self.schema, "description": description})


def read_query(req: falcon.Request, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the query's values by name, just those that were sent."""
    return read_values(req.params, readers)


def read_values(sent: Sent, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the values of parameters by name, just those that were sent."""
    for name in sent:
        if name not in readers:
            known = f"not one of {', '.join(sorted(readers))}" if readers else "unknown: this URL takes no parameters"
            raise Problem("bad_parameter", f"the parameter {cut(name)} is {known}")
    return {name: read_value(name, text, readers[name]) for name, text in sent.items()}


def read_value(name: str, sent: str | list[str], reader: Reader) -> Any:
    """Return one parameter's value."""
    if isinstance(sent, list):
        raise Problem("bad_parameter", f"the parameter {name} was given {len(sent)} times, expected one")
    try:
        return reader.read(sent)
    except ValueError as error:
        raise Problem("bad_parameter", f"the parameter {name} {error}") from None


def one_of(values: Mapping[str, Any], known: str = "") -> Reader:
    """Read one of the texts, to what it stands for; known names them, if it is not to be themselves."""

    def read(sent: str) -> Any:
        if sent not in values:
            raise ValueError(f"is {cut(sent)!r}, which is not one of {known or ', '.join(values)}")
        return values[sent]

    return Reader(read, {"type": "string", "enum": [*values]})


FLAG = Reader(one_of({"true": True, "false": False}).read, {"type": "boolean"})


def between(least: int, most: int) -> Reader:
    """Read an integer within the bounds."""

    def read(sent: str) -> int:
        value = of_type("integer").read(sent)
        if not least <= value <= most:
            raise ValueError(f"is {cut(sent)}, expected {least} to {most}")
        return int(value)

    return Reader(read, {"type": "integer", "minimum": least, "maximum": most})


def of_type(name: str) -> Reader:
    """Read a value as a field of a file would be: integer, text or timestamp."""

    def read(sent: str) -> Any:
        value = TYPES[name].read(sent) if sent else Fault("missing_value", "is empty")
        if isinstance(value, Fault):
            raise ValueError(value.predicate)
        return value

    return Reader(read, SCHEMAS[name])
