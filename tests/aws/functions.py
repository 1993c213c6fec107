"""What the tests of the entries share: S3, functions on Lambda, and what these answer."""

from collections.abc import Callable, Iterator

import pytest
from runtime import Function
from s3 import BUCKET, Aws


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    aws = Aws()
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture
def start(aws: Aws, settings: dict[str, str]) -> Iterator[Callable[..., Function]]:
    """Start functions that end with the test."""
    started: list[Function] = []

    def begin(handler: str, **environ: str) -> Function:
        started.append(Function(handler, {**aws.environ, "UPLOAD_BUCKET": BUCKET, **settings, **environ}))
        return started[-1]

    yield begin
    for function in started:
        function.stop()
