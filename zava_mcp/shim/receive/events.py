"""What was sent in a session lately, so that a client whose stream broke gets the rest of it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp_types import JSONRPCMessage

EVENTS, EVENT_BYTES = 256, 1 << 20  # kept of a session, and their bytes together
EVENT_SECONDS = 300  # for how long


@dataclass(frozen=True)
class Event:
    """A message as it went to one of the session's streams; None for the mark of its beginning."""

    stream: str
    message: JSONRPCMessage | None
    size: int  # bytes
    at: float


@dataclass
class Events(EventStore):
    """The last messages of one session, by their number; no other session ever sees them."""

    now: Callable[[], float] = time.monotonic
    kept: OrderedDict[int, Event] = field(default_factory=OrderedDict)
    number: int = 0
    size: int = 0  # bytes of what is kept

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        """Keep a message, and give its number; one that is larger than all the room is not kept."""
        self.number += 1
        size = len(message.model_dump_json(by_alias=True, exclude_unset=True)) if message else 0
        if size <= EVENT_BYTES:
            self.kept[self.number] = Event(stream_id, message, size, self.now())
            self.size += size
        self.make_room()
        return str(self.number)

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        """Send what came in a stream after an event; give the stream, None when it is gone."""
        self.make_room()
        last = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
        if (known := self.kept.get(last)) is None:
            return None
        for number, event in list(self.kept.items()):
            if number > last and event.stream == known.stream and event.message is not None:
                await send_callback(EventMessage(event.message, str(number)))
        return known.stream

    def make_room(self) -> None:
        """Forget the oldest, as long as they are too many, too large or too old."""
        oldest_kept = self.now() - EVENT_SECONDS
        while self.kept:
            event = next(iter(self.kept.values()))
            if len(self.kept) <= EVENTS and self.size <= EVENT_BYTES and event.at >= oldest_kept:
                return
            self.kept.popitem(last=False)
            self.size -= event.size
