"""How the service is served: threads, so that a long upload is in nobody's way and no worker timeout ends it."""

import gc
import os
from threading import BoundedSemaphore
from typing import Any

from handlers.measure.folder import make, sweep
from handlers.server.names import look_at_gunicorn

gc.disable()  # until all is imported
look_at_gunicorn()  # before the imports that would end with a stack
make()  # before prometheus_client is imported

from handlers.server.allocation import collect_no_imports, give_back_freed  # noqa: E402
from handlers.server.client import Sends  # noqa: E402
from handlers.server.forks import let_new_workers_stop  # noqa: E402
from handlers.server.listening import opened, told  # noqa: E402
from handlers.server.ready import Ready  # noqa: E402
from handlers.server.worker import Worker  # noqa: E402
from settings import check_listening, read_settings  # noqa: E402

settings = read_settings(os.environ)
ready = Ready(os.environ)
Worker.head_timeout = settings.head_timeout
Worker.sends = Sends(BoundedSemaphore(settings.sends_max), settings.send_timeout, settings.send_rate_min)

wsgi_app = "service:app()"
bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = Worker
workers = settings.workers
threads = settings.threads
graceful_timeout = settings.graceful_timeout
preload_app = True  # a bad .sql file ends the start at once, and the tables are created by one process
control_socket_disable = True
sendfile = False  # it would wait for a client without a place
accesslog = "-"
logger_class = "handlers.server.log.RequestLog"


def on_starting(server: Any) -> None:
    """Look where gunicorn is told to listen before it does, and say how memory is allocated and workers are forked."""
    give_back_freed()
    let_new_workers_stop()
    look_at_told(server)


def look_at_told(server: Any) -> None:
    """Look where gunicorn is told to listen, whatever HOST says."""
    for host in told(server):
        check_listening(settings, host)


def when_ready(server: Any) -> None:
    """Look at the sockets that it has, before a worker takes anything from them; garbage is collected from here on."""
    for host in opened(server):
        check_listening(settings, host)
    collect_no_imports()


def child_exit(server: Any, worker: Any) -> None:
    """Keep what a worker has counted."""
    sweep(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Say that the service answers: the worker is about to."""
    ready.tell()


def on_reload(server: Any) -> None:
    """Look again after a SIGHUP, which may have moved them."""
    look_at_told(server)
    when_ready(server)
