"""Other releases of gunicorn: where one has not what the service builds on, it does not start."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import faults_table
import pytest
from project import PROJECT
from served import Served
from waits import PATIENCE

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

EXPECTED = ", which handlers/server builds on: expected gunicorn==27.0.1, as in requirements.txt\n"
OTHER_RELEASE = "26.1.0"
"""One whose threaded worker reads the rest of a body elsewhere."""

named = pytest.mark.proves(
    "the start ends with a sentence that names it",
    "a release of gunicorn without a name that is used",
    "the look at gunicorn's names",
)


@named
@pytest.mark.parametrize(
    ("code", "missing"),
    [
        pytest.param("del gthread.ThreadWorker.murder_pending", "ThreadWorker.murder_pending()", id="method"),
        pytest.param("del Worker.handle_error", "ThreadWorker.handle_error(req, client, addr, exc)", id="inherited"),
        pytest.param("gthread.ThreadWorker.handle_request = lambda self, conn: None", "ThreadWorker.handle_request(req, conn)", id="signature"),
        pytest.param("gthread.TConn.__init__ = lambda self: None", "TConn.client", id="attribute"),
        pytest.param("del gthread.TConn", "TConn.init(), no TConn.close(graceful), no TConn.client, no TConn.initialized, no TConn.parser, no TConn.sock", id="class"),
        pytest.param("del errors.InvalidHeader", "gunicorn.http.errors.InvalidHeader", id="error"),
        pytest.param("from gunicorn.http.unreader import Unreader; del Unreader.take_buffered", "Unreader.take_buffered()", id="unreader"),
        pytest.param("from gunicorn.http.wsgi import Response; Response.__init__ = Response.write = lambda self: None", "Response.sent", id="response"),
    ],
)  # fmt: skip
def test_gunicorn_without_a_name_that_is_used_ends_the_start(
    serve: Callable[..., Served], tmp_path: Path, code: str, missing: str
) -> None:
    imports = "from gunicorn.http import errors\nfrom gunicorn.workers import gthread\nfrom gunicorn.workers.base import Worker"
    (tmp_path / "sitecustomize.py").write_text(f"{imports}\n{code}\n")
    served = serve(PYTHONPATH=str(tmp_path))

    assert served.process.wait(PATIENCE) == 1
    printed = served.stop()
    assert printed.startswith("gunicorn 27.0.1 has no ")
    assert printed.endswith(EXPECTED)
    assert missing in printed


@named
@pytest.mark.skipif(not faults_table.LONG, reason="asks pip for another release of gunicorn: make faults")
def test_other_release_of_gunicorn_ends_the_start(serve: Callable[..., Served], tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--target", str(tmp_path)]
    if subprocess.run([*pip, f"gunicorn=={OTHER_RELEASE}"], cwd=PROJECT).returncode:
        pytest.skip(f"pip finds no gunicorn {OTHER_RELEASE}")
    served = serve(PYTHONPATH=str(tmp_path))

    assert served.process.wait(PATIENCE) == 1
    names = (
        *("ThreadWorker._keepalive_after(conn, keepalive)", "ThreadWorker._cap_keepalive(deadline)"),
        *("SocketUnreader.chunk(size_hint)", "Unreader.take_buffered()"),
    )
    assert served.stop() == f"gunicorn {OTHER_RELEASE} has no {', no '.join(names)}{EXPECTED}"
