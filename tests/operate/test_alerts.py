"""The alerts and the dashboard: Prometheus takes them, and each fires at what it is for."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import start_client
from project import PROJECT
from prometheus_client.parser import text_string_to_metric_families
from required import skip
from web_client import Client

RULES = PROJECT / "deploy/alerts.yaml"
DASHBOARD = json.loads((PROJECT / "deploy/grafana.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]

ONLY_WHILE_ONE_RUNS = {"loadbay_oldest_running_upload_seconds"}


def promtool(*command: object) -> subprocess.CompletedProcess[str]:
    if not shutil.which("promtool"):
        skip("no promtool: apt-get install prometheus")
    return subprocess.run(["promtool", *map(str, command)], capture_output=True, text=True)


def test_each_alert_fires_at_what_it_is_for_and_at_nothing_else(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path / "rules.yaml")
    shutil.copy(Path(__file__).with_name("alerts.yaml"), tmp_path)

    ran = promtool("test", "rules", tmp_path / "alerts.yaml")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert RULES.read_text().count("- alert: ") == 8


def test_queries_of_the_dashboard_are_taken(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(QUERIES)
    ]
    path = tmp_path / "rules.json"  # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))

    ran = promtool("check", "rules", path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(QUERIES)} rules found" in ran.stdout


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_metrics_that_are_asked_for_are_there(settings: dict[str, str]) -> None:
    client: Client = start_client(settings | {"REPORTS_DATABASE_URL": settings["DATABASE_URL"]})
    client.upload("jobs", "1,a\nx,b\n")
    families = text_string_to_metric_families(client.app.get("/metrics").text)

    there = {sample.name for family in families for sample in family.samples} | {
        family.name for family in text_string_to_metric_families(client.app.get("/metrics").text)
    }

    asked = {*re.findall(r"loadbay_[a-z_]+", RULES.read_text() + " ".join(QUERIES))}
    # A gunicorn counts its requests, and no upload is running now.
    assert asked - there <= {*ONLY_WHILE_ONE_RUNS, "loadbay_request_seconds_count", "loadbay_request_seconds_bucket"}
    assert len(asked) > 12
