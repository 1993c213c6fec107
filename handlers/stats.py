"""GET /stats and /stats/{report}: the reports, each a .sql file called by its name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import falcon
from falcon import Request, Response

from handlers.answer.csv import CSV, csv_lines
from handlers.answer.json import dumps
from handlers.answer.places import Places, place_to_send
from handlers.answer.problems import Problem
from handlers.answer.remembered import Answers
from handlers.describe.operation import AS_CSV, OF_DATABASE, as_json, describes
from handlers.receive.query import of_type, one_of, read_query, read_value
from rows.fault import cut
from sql import Database
from sql.files.statements import Limits, Result
from sql.files.stats import Report

FORMATS = {"json": falcon.MEDIA_JSON, "csv": CSV}
RENDERERS: dict[str, Callable[[Result], bytes]] = {
    falcon.MEDIA_JSON: lambda result: dumps(result.dicts()).encode(),
    CSV: lambda result: csv_lines([result.names, *result.rows]),
}


class Reports:
    def __init__(self, database: Database):
        self.database = database

    @describes("the reports and their parameters", {200: as_json("Reports")}, "bad_parameter", *OF_DATABASE)
    def on_get(self, req: Request, resp: Response) -> None:
        read_query(req, {})
        resp.media = [_as_listed(report, req.root_path) for report in self.database.reports.values()]


class ReportAnswer:
    def __init__(self, database: Database, places: Places, limits: Limits):
        self.database = database
        self.places = places
        self.limits = limits
        self.answers = Answers()

    @describes(
        "a report, as JSON or with ?format=csv as CSV",
        {200: as_json("ReportRows") | AS_CSV, 304: {}},
        *("unknown_report", "bad_parameter", "no_place", "too_many_rows", "took_too_long", *OF_DATABASE),
        query=lambda answer, path: {"format": one_of(FORMATS).described("json or csv, whatever Accept says")},
        headers={"If-None-Match": {"type": "string"}},
        answer_headers=("ETag", "Vary"),
    )
    def on_get(self, req: Request, resp: Response, report: str) -> None:
        found, in_path = _find_report(self.database.reports, report)
        parameters, media_type = _read_parameters(req, found, in_path)
        answer = self.answers.get(
            (found.name, media_type, frozenset(parameters.items())),
            lambda: self.database.version(found),
            lambda: self._run(found, parameters, media_type),
        )
        resp.etag = answer.etag
        resp.set_headers({"Cache-Control": "private, no-cache", "Vary": "Accept"})
        if not {answer.etag, "*"}.isdisjoint(req.if_none_match or ()):
            resp.status = falcon.HTTP_304
        else:
            place_to_send(req, len(answer.body))
            resp.content_type = media_type
            resp.data = answer.body

    def _run(self, report: Report, parameters: Mapping[str, Any], media_type: str) -> bytes:
        with self.places.place():
            return RENDERERS[media_type](self.database.run(report, parameters, self.limits))


def _as_listed(report: Report, mount: str) -> dict[str, Any]:
    defaults = {parameter.name: parameter.default for parameter in report.parameters}
    return {
        "name": report.name,
        "description": report.description,
        "parameters": [parameter._asdict() for parameter in report.parameters],
        "url": f"{mount}/stats/" + re.sub("{(.*?)}", lambda match: str(defaults[match[1]] or match[0]), report.name),
    }


def _find_report(reports: Mapping[str, Report], path: str) -> tuple[Report, dict[str, str]]:
    """Return the report of that name and the parameters that its name has in the path, or answer 404."""
    for report in reports.values():
        pattern = re.sub(r"\\{(.*?)\\}", r"(?P<\1>.*)", re.escape(report.name))
        if match := re.fullmatch(pattern, path, re.DOTALL):
            return report, match.groupdict()
    raise Problem("unknown_report", f"{cut(path)} is not one of {', '.join(reports)}")


def _read_parameters(req: Request, report: Report, in_path: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Return the report's parameters, from the path, the query or by default, and the media type of its answer."""
    readers = {parameter.name: of_type(parameter.type) for parameter in report.parameters}
    preferred = req.client_prefers(list(FORMATS.values())) or FORMATS["json"]
    values = {name: read_value(name, text, readers.pop(name)) for name, text in in_path.items()}
    values |= read_query(req, readers | {"format": one_of(FORMATS)})
    media_type = values.pop("format", preferred)
    for parameter in report.parameters:
        if values.setdefault(parameter.name, parameter.default) is None:
            raise Problem(
                "bad_parameter",
                f"the parameter {parameter.name} is missing: expected its {parameter.type}",
            )
    return values, media_type
