"""What the server takes from a connection: headers of bounded size, requests that come in time.

Bodies are bounded by the SDK, connections by uvicorn.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_BYTES = 16 * 1024  # names and values together


def bounded_headers(app: ASGIApp) -> ASGIApp:
    """Refuse a request with more than HEADER_BYTES of headers before the application sees it."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        size = sum(len(name) + len(value) for name, value in scope.get("headers", ()))
        if size > HEADER_BYTES:
            text = f"The headers have {size} bytes, {HEADER_BYTES} are allowed."
            said = {"error": "headers_too_large", "error_description": text}
            await JSONResponse(said, 431, {"Connection": "close"})(scope, receive, send)
        else:
            await app(scope, receive, send)

    return bounded


class TimelyProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, except that a request has to arrive as a whole within some seconds.

    uvicorn waits for ever for the rest of a header or body, so that few bytes hold a connection.
    """

    seconds: ClassVar[float]
    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.wait()

    def handle_events(self) -> None:
        """Wait for the rest of a request, or for the next one, once this is answered."""
        super().handle_events()
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self.wait()
        else:
            self.done_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self.done_waiting()
        super().connection_lost(exc)

    def wait(self) -> None:
        """Give the client its seconds, unless they run already."""
        if self.late is None:
            self.late = self.loop.call_later(self.seconds, self.give_up)

    def done_waiting(self) -> None:
        """Stop the clock."""
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def give_up(self) -> None:
        """Answer 408 if nothing was answered yet, and close the connection."""
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [("connection", "close"), ("content-length", "0")]
            late = h11.Response(status_code=408, headers=headers, reason="Request Timeout")
            for event in (late, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            self.cycle.disconnected = True  # what answers it must not send any more
        self.transport.close()


def timely(seconds: float) -> type[TimelyProtocol]:
    """Give the protocol that waits so long for a request."""
    return type("TimelyProtocol", (TimelyProtocol,), {"seconds": seconds})
