"""Lambda load: a database that sleeps until it is asked, as Aurora does, and takes a while to wake."""

from collections.abc import Callable

import pytest
from functions import aws, start
from proxy import Proxy
from runtime import Function
from s3 import Aws
from web_client import Client

pytestmark = [pytest.mark.aws, pytest.mark.parametrize("server", ["postgresql"], indirect=True)]

WAKES_AFTER = 30
"""Seconds: so many, or more, Aurora takes after a day without a connection, half as many after less."""


def test_load_waits_until_the_database_is_awake(
    aws: Aws, start: Callable[..., Function], client: Client, settings: dict[str, str]
) -> None:
    event = aws.put("incoming/jobs/it.csv", b"1,Cook\n")
    proxy = Proxy(settings["DATABASE_URL"]).start(after=WAKES_AFTER)

    answer = start("aws.load.handler", DATABASE_URL=proxy.url).invoke(event)

    assert answer == {"batchItemFailures": []}
    assert client.rows("jobs") == [["1", "Cook"]]
    proxy.stop()
