"""Where the service stands behind API Gateway."""

import pytest
from gateway import CLIENT

from aws.gateway import take_place


@pytest.mark.parametrize(
    ("version", "stage", "asked", "mount"),
    [
        pytest.param("1.0", "prod", "/prod/tables", "/prod", id="rest"),
        pytest.param("1.0", "prod", "/tables", "", id="rest with a domain"),
        pytest.param("2.0", "prod", "/prod/tables", "/prod", id="http"),
        pytest.param("2.0", "prod", "/tables", "", id="http with a domain"),
        pytest.param("2.0", "$default", "/tables", "", id="http without a stage"),
        pytest.param("2.0", "tab", "/tables", "", id="stage that a path begins like"),
    ],
)
def test_stage_is_part_of_the_urls_where_it_was_asked_for(version: str, stage: str, asked: str, mount: str) -> None:
    place = {"path": asked, "sourceIp": CLIENT}
    context = (
        {"stage": stage, "http": place} if version == "2.0" else {"stage": stage, "path": asked, "identity": place}
    )
    environ = {"PATH_INFO": asked if version == "2.0" else "/tables"}

    take_place(environ, context)

    assert environ == {"PATH_INFO": "/tables", "SCRIPT_NAME": mount, "REMOTE_ADDR": CLIENT}
