"""Workers that are told to stop before they can hear it."""

import os
import signal


def let_new_workers_stop() -> None:
    """Let a SIGTERM end a worker from its fork on, until gunicorn's worker takes it for a stop.

    Until then a worker has the signals of the process that forked it: it would lose the SIGTERM, and serve on until
    it is killed at the end of graceful_timeout.
    """
    os.register_at_fork(before=_hold, after_in_parent=_hear, after_in_child=_end_by_it)


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _hear() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _end_by_it() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hear()
