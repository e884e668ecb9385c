"""What a session keeps of what it sent is bounded: in number, in bytes, in age."""

from __future__ import annotations

import asyncio

from mcp.server.streamable_http import EventMessage
from mcp_types import JSONRPCNotification

from zava_mcp.shim.receive.sessions import EVENT_BYTES, EVENT_SECONDS, EVENTS, Events


def message(text: str) -> JSONRPCNotification:
    """A message of the server's."""
    return JSONRPCNotification(jsonrpc="2.0", method="test", params={"text": text})


def kept(events: Events, after: str) -> tuple[str | None, list[str]]:
    """The stream of an event, and the texts that came after it there."""
    texts: list[str] = []

    async def send(event: EventMessage) -> None:
        assert isinstance(event.message, JSONRPCNotification)
        texts.append((event.message.params or {})["text"])

    return asyncio.run(events.replay_events_after(after, send)), texts


def store(events: Events, stream: str, text: str | None) -> str:
    """Keep a message; without text, the mark of a stream's beginning."""
    return asyncio.run(events.store_event(stream, message(text) if text is not None else None))


def test_what_came_after_an_event_in_its_stream_is_sent_again() -> None:
    events = Events()
    begin = store(events, "a", None)
    store(events, "b", "other")
    first = store(events, "a", "one")
    store(events, "a", "two")
    assert kept(events, begin) == ("a", ["one", "two"])
    assert kept(events, first) == ("a", ["two"])
    for unknown in ("99", "", "x", "-1", "٣"):
        assert kept(events, unknown) == (None, [])


def test_the_oldest_go_when_they_are_too_many() -> None:
    events = Events()
    numbers = [store(events, "a", str(n)) for n in range(EVENTS + 5)]
    assert len(events.events) == EVENTS
    assert kept(events, numbers[4]) == (None, [])
    assert kept(events, numbers[-2]) == ("a", [str(EVENTS + 4)])


def test_the_oldest_go_when_they_are_too_large() -> None:
    events = Events()
    third = "x" * (EVENT_BYTES // 3)
    numbers = [store(events, "a", third) for _ in range(4)]
    assert events.size <= EVENT_BYTES
    assert kept(events, numbers[0]) == (None, [])
    assert kept(events, numbers[2]) == ("a", [third])
    store(events, "a", "x" * EVENT_BYTES)  # larger than all the room: not kept, and nothing lost
    assert kept(events, numbers[2]) == ("a", [third])


def test_the_oldest_go_when_they_are_too_old() -> None:
    clock = [0.0]
    events = Events(now=lambda: clock[0])
    number = store(events, "a", "one")
    store(events, "a", "two")
    clock[0] = EVENT_SECONDS
    assert kept(events, number) == ("a", ["two"])
    clock[0] += 0.1
    assert kept(events, number) == (None, [])
    assert events.size == 0
