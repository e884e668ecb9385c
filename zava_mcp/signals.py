"""Signals that stop a command; while it has something to put back, once, and not its end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

STOP: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
    STOP += (signal.SIGHUP,)
Handler = Callable[[int, Any], Any] | int


def interruptible() -> AbstractContextManager[None]:
    """Raise KeyboardInterrupt on the first signal of STOP, and ignore those that follow."""

    def interrupt(_signal: int, _frame: Any) -> None:
        for each in STOP:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    return handled_by(interrupt)


def uninterrupted() -> AbstractContextManager[None]:
    """Ignore the signals of STOP."""
    return handled_by(signal.SIG_IGN)


@contextmanager
def handled_by(handler: Handler) -> Iterator[None]:
    """Set a handler for the signals of STOP; restore theirs at the end."""
    before = {each: signal.signal(each, handler) for each in STOP}
    try:
        yield
    finally:
        for each, former in before.items():
            signal.signal(each, former)
