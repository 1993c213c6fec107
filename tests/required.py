"""What the tests need and may miss."""

import os
from typing import NoReturn

import pytest

REQUIRED = "TEST_ALL_REQUIRED"
"""Set in the environment, it turns the skip for want of a server or a right into a failure."""


def skip(sentence: str) -> NoReturn:
    """Skip the tests for want of something, or fail them where all is required."""
    (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(sentence)
