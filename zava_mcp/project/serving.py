"""Run ``zava-mcp serve`` as a child process, and print its address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from zava_mcp.local.cluster import LocalError

NOT_FOR_SERVER = {"DATABASE_URL", "ZAVA_DATA_DIR", "ZAVA_DEMO_SIZE"}  # the first is the owner's


@contextmanager
def serving(
    server_uri: str, host: str, port: int, log: Path | None = None, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``zava-mcp serve``, yielded once it accepts connections.

    ``settings`` go to its environment. Its log goes to the file ``log`` when given, else to stderr.
    Raises LocalError when it ends before.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if name not in NOT_FOR_SERVER},
        "ZAVA_DATABASE_URL": server_uri,
        "ZAVA_HOST": host,
        "ZAVA_PORT": str(port),
        **settings,
    }
    with log.open("ab") if log else nullcontext() as stderr:
        # In a session of its own, a Ctrl-C in the terminal reaches only this process.
        child = subprocess.Popen(
            [sys.executable, "-m", "zava_mcp", "serve"],
            env=environment,
            start_new_session=True,
            stderr=stderr,
        )
    try:
        while not accepts(host, port):
            if child.poll() is not None:
                raise LocalError(f"zava-mcp serve did not start (exit code {child.returncode})")
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def accepts(host: str, port: int) -> bool:
    """Return whether a server listens at host and port."""
    try:
        socket.create_connection((reachable(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def reachable(host: str) -> str:
    """Return the address under which this machine reaches a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def address(host: str, port: int) -> str:
    """Return the URL of a server that listens on ``host``."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def require_known_settings() -> None:
    """Check the server's settings before minutes of preparation. Raises Refusal."""
    from zava_mcp.shim.settings import load_settings

    load_settings(database_url="set later")


def require_free(host: str, port: int) -> None:
    """Raise LocalError if the port is taken, before minutes of preparation."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise LocalError(
            f"cannot listen on {host} port {port} ({error.strerror}): choose another with ZAVA_PORT"
        ) from error
