"""What the server takes from a connection: headers of bounded size, requests that come in time.

Bodies are bounded by the SDK, connections by uvicorn.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_BYTES = 16 * 1024  # names and values together
UNENDED_BYTES = 64 * 1024  # of a header that goes on and on
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


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


class TimelyProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, except that a request has to arrive as a whole within some seconds.

    uvicorn waits for ever for the rest of a header or body, so that few bytes hold a connection;
    and its parser takes a header of any length.
    """

    seconds: ClassVar[float]
    late: asyncio.TimerHandle | None = None
    is_in_header = False
    unended = 0  # bytes of a header that has not ended, without those it began with

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.attend()

    def data_received(self, data: bytes) -> None:
        """Take what came; answer 400 to a header without end."""
        was_in_header = self.is_in_header
        super().data_received(data)
        self.unended = self.unended + len(data) if was_in_header and self.is_in_header else 0
        if self.unended > UNENDED_BYTES and not self.transport.is_closing():
            self.send_400_response("The header has no end.")
        self.attend()

    def on_message_begin(self) -> None:
        """Begin a header."""
        self.is_in_header = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, without the white space around its value, which the parser leaves."""
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """End a header."""
        self.is_in_header = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: a request is here."""
        super().on_message_complete()
        self.done_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of it."""
        super().on_response_complete()
        self.attend()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self.done_waiting()
        super().connection_lost(exc)

    def attend(self) -> None:
        """Start the time for a request, unless it runs already or the client waits for us."""
        cycle = self.cycle
        is_ours = self.pipeline or (cycle and not (cycle.more_body or cycle.response_complete))
        if is_ours:
            self.done_waiting()
        elif self.late is None and not self.transport.is_closing():
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
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(TOO_LATE)
        if cycle is not None:
            cycle.disconnected = True  # what answers it must not send any more
        self.transport.close()


def timely(seconds: float) -> type[TimelyProtocol]:
    """Return the protocol that waits so long for a request."""
    return type("TimelyProtocol", (TimelyProtocol,), {"seconds": seconds})
