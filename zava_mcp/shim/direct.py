"""A call that the fast lane took, in the place of the SDK's context: no session is behind it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from zava_mcp.shim.assertions import Credential
from zava_mcp.shim.errors import Json


@dataclass(slots=True)
class Direct:
    """Who asks, and the task that answers; nothing can be told or asked while it runs."""

    credential: Credential
    identity: Json
    client: str  # as it names itself
    key: tuple[Credential, str, str]  # by which it can be cancelled
    task: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task)
    given_up: bool = False  # by the server, which still answers
    hung_up: bool = False  # by the client, to whom nothing is sent any more

    def cancel(self) -> None:
        """Cancel the call."""
        if not (self.given_up or self.hung_up):
            self.given_up = True
            self.end()

    def hang_up(self) -> None:
        """Take note that nobody waits for the answer."""
        if not (self.given_up or self.hung_up):
            self.hung_up = True
            self.end()

    def is_ended(self) -> bool:
        """Return whether it was this that cancelled the task, which may go on then."""
        is_ended = self.given_up or self.hung_up
        if is_ended and self.task is not None:
            self.task.uncancel()
        return is_ended

    def end(self) -> None:
        """Cancel what runs."""
        if self.task is not None:
            self.task.cancel()
