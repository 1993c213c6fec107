"""traceparent (W3C Trace Context): the log has the ids of a sound one, and nothing of any other."""

import urllib.request
from collections.abc import Callable

import pytest
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

SOUND = (f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-ff", f"cc-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-more")
UNSOUND = (
    f"00-{TRACE}-{SPAN}-01-more",
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE.upper()}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}",
    f"00-{TRACE}-{SPAN}-1",
    f"cc-{TRACE}-{SPAN}-01more",
    "x" * 55,
)


def test_log_has_the_ids_of_a_sound_trace_alone(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    for number, sent in enumerate((*SOUND, *UNSOUND)):
        headers = {"traceparent": sent, "X-Request-ID": f"r{number}"}
        urllib.request.urlopen(urllib.request.Request(f"{served.url}/tables", headers=headers)).close()

    logged = {line.get("request_id"): line for line in served.logged()}

    found = [logged[f"r{number}"] for number in range(len(SOUND) + len(UNSOUND))]  # two workers write in any order
    assert [(line.get("trace_id"), line.get("parent_id")) for line in found] == (
        [(TRACE, SPAN)] * len(SOUND) + [(None, None)] * len(UNSOUND)
    )
