"""Several processes on one listening socket, and the one that starts, replaces and stops them.

Each has its own pool, cache, counters and connection that listens for changes, as if it were a
server of its own; which of them takes a connection, the system decides.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from zava_mcp.shim.settings import Refusal, Settings

BACKLOG = 2048
PORT_TAKEN = 3  # exit code
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0  # seconds before a worker that ended is replaced
STEADY_SECONDS = 60.0  # after which it counts as the first again

log = structlog.get_logger("zava-mcp")
Serve = Callable[[socket.socket, Callable[[], None]], None]  # the second says that it serves


@dataclass
class Worker:
    """One process."""

    number: int
    line: socket.socket  # to it: what it writes says that it serves, and its end that we are gone
    began: float = field(default_factory=time.monotonic)

    def has_served(self) -> bool:
        """Return whether it came as far as to serve."""
        self.line.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            return bool(self.line.recv(1))
        return False


class Workers:
    """The processes of one server."""

    def __init__(self, settings: Settings, serve: Serve) -> None:
        self.serve = serve
        self.listening = listen(settings)
        self.running: dict[int, Worker] = {}  # by process id
        self.stopping = threading.Event()
        self.pause = FIRST_PAUSE
        self.has_served = False

    def run(self, count: int) -> int:
        """Run so many until a signal comes; give the exit code."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self.stop)
        for number in range(1, count + 1):
            self.start(number)
        code = 0
        while self.running:
            ended, status = os.wait()
            worker = self.running.pop(ended, None)
            if worker is not None:
                code = code or self.replace(worker, os.waitstatus_to_exitcode(status))
        return code

    def stop(self, *_: Any) -> None:
        """Let all end as a server ends."""
        self.stopping.set()
        for process in self.running:
            os.kill(process, signal.SIGTERM)

    def replace(self, worker: Worker, code: int) -> int:
        """Start another in the place of one that ended; where none ever served, give its code."""
        self.has_served = self.has_served or worker.has_served()
        worker.line.close()
        if self.stopping.is_set():
            return 0
        if not self.has_served and code > 0:  # what it says will hold for all
            self.stop()
            return code
        log.error("a worker ended", number=worker.number, code=code, again_in_seconds=self.pause)
        is_steady = time.monotonic() - worker.began > STEADY_SECONDS
        self.pause = FIRST_PAUSE if is_steady else self.pause
        self.stopping.wait(self.pause)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if not self.stopping.is_set():
            self.start(worker.number)
        return 0

    def start(self, number: int) -> None:
        """Start a process."""
        ours, theirs = socket.socketpair()
        signals = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # until it is known whom to tell
        gc.freeze()  # else the first collection in the new process copies all memory
        process = os.fork()
        if process == 0:
            for line in (ours, *(worker.line for worker in self.running.values())):
                line.close()
            self.be_worker(number, theirs, signals)
        theirs.close()
        self.running[process] = Worker(number, ours)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    def be_worker(self, number: int, line: socket.socket, signals: set[signal.Signals]) -> None:
        """Serve, in the new process, and end it."""
        code = 1
        try:
            os.setpgid(0, 0)  # a Ctrl-C in the terminal reaches the parent alone, who tells us
            for each in signals:
                signal.signal(each, lambda *_: sys.exit(0))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            threading.Thread(target=end_with, args=[line], daemon=True).start()
            structlog.contextvars.bind_contextvars(worker=number)
            self.serve(self.listening, lambda: line.sendall(b"."))
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


def end_with(line: socket.socket) -> None:
    """End this process, as a signal would, when its parent is gone."""
    with contextlib.suppress(ConnectionError):
        line.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def listen(settings: Settings) -> socket.socket:
    """Return the socket that all listen on. Raises Refusal."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        log.error("cannot listen", host=settings.host, port=settings.port, reason=str(error))
        raise SystemExit(PORT_TAKEN) from None
