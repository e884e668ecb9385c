"""Several processes on one listening socket, and the one that starts, replaces and stops them.

Each has its own pool, cache, counters and connection that listens for changes, as if it were a
server of its own; which of them takes a connection, the system decides. uvicorn's supervisor does
not do: it replaces without a pause, gives no exit code of ours, and its workers outlive it.
"""

from __future__ import annotations

import gc
import mmap
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from zava_mcp.shim.settings import Refusal, Settings

BACKLOG = 2048
PORT_TAKEN = 3  # exit code
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0  # seconds before a worker that ended is replaced
STEADY_SECONDS = 60.0  # after which it counts as the first again

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PARENT_SECONDS = 0.5  # after which a worker notices that it was left alone

log = structlog.get_logger("zava-mcp")
Serve = Callable[[socket.socket, Callable[[], None]], None]  # the second says that it serves


class Workers:
    """The processes of one server."""

    def __init__(self, settings: Settings, serve: Serve) -> None:
        self.serve = serve
        self.listening = listen(settings)
        self.running: dict[int, tuple[int, float]] = {}  # by process id: number, and since when
        self.served = mmap.mmap(-1, 1)  # shared by all: whether one of them ever served
        self.stopping = threading.Event()
        self.pause = FIRST_PAUSE

    def run(self, count: int) -> int:
        """Run ``count`` workers until a signal comes; return the exit code."""
        for each in SIGNALS:
            signal.signal(each, self.stop)
        for number in range(1, count + 1):
            self.start(number)
        code = 0
        while self.running:
            process, status = os.wait()
            if process in self.running:
                number, began = self.running.pop(process)
                code = code or self.replace(number, began, os.waitstatus_to_exitcode(status))
        return code

    def stop(self, *_: Any) -> None:
        """Let all end as a server ends."""
        self.stopping.set()
        for process in self.running:
            os.kill(process, signal.SIGTERM)

    def replace(self, number: int, began: float, code: int) -> int:
        """Start another in the place of one that ended; where none ever served, return its code."""
        if self.stopping.is_set():
            return 0
        if not self.served[0] and code > 0:  # what it says will hold for all
            self.stop()
            return code
        is_steady = time.monotonic() - began > STEADY_SECONDS
        self.pause = FIRST_PAUSE if is_steady else self.pause
        log.error("a worker ended", number=number, code=code, again_in_seconds=self.pause)
        self.stopping.wait(self.pause)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if not self.stopping.is_set():
            self.start(number)
        return 0

    def start(self, number: int) -> None:
        """Start a process."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until it is known whom to tell
        gc.freeze()  # else the first collection in the new process copies all memory
        parent, process = os.getpid(), os.fork()
        if process == 0:
            self.be_worker(number, parent)
        self.running[process] = number, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def be_worker(self, number: int, parent: int) -> None:
        """Serve, in the new process, and end it."""
        code = 1
        try:
            os.setpgid(0, 0)  # a Ctrl-C in the terminal reaches the parent alone, who tells us
            for each in SIGNALS:
                signal.signal(each, lambda *_: sys.exit(0))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            threading.Thread(target=end_with, args=[parent], daemon=True).start()
            structlog.contextvars.bind_contextvars(worker=number)
            self.serve(self.listening, lambda: self.served.__setitem__(0, 1))
            code = 0
        except Refusal as refusal:
            refusal.show()
            code = refusal.exit_code
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        except BaseException:
            log.exception("a worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def end_with(parent: int) -> None:
    """End this process, as a signal would, when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def listen(settings: Settings) -> socket.socket:
    """Return the socket that all listen on. Raises Refusal."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        log.error("cannot listen", host=settings.host, port=settings.port, reason=str(error))
        raise SystemExit(PORT_TAKEN) from None
