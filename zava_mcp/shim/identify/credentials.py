"""Credentials: API keys, which the database verifies, and assertions, which the server signs.

An assertion names the subject of an access token that the server has verified. It is signed with a
key that the database has too, and is valid for some seconds, one action, its arguments and one
request.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import asyncpg

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError, Json

API_KEY = "zava_"  # what an API key begins with; nothing else of a client's reaches the database
AUTHENTICATE = "select mcp.authenticate($1)"
IDENTITY_SECONDS, IDENTITIES = 1.0, 1024  # how long, and how many, answers last
STREAM_SECONDS = 3.0  # between two checks of the credential of an open stream
REFUSED = {  # assertions, by the constraint that the database names
    "assertion_signature": "ZAVA_ASSERTION_KEY is not the database's key, nor the one before",
    "assertion_time": "the clocks of this server and of the database differ too much",
}
LIFE_SECONDS = 15  # the database allows 30, so its clock may be behind ours by 15


class UnassertedError(DatabaseError):
    """The database refuses what this server asserts, of any subject."""


@dataclass(frozen=True)
class Subject:
    """The subject of a verified access token, and its claims as a JSON object."""

    id: str
    claims: str = ""
    expires: float = field(default=math.inf, compare=False, repr=False)  # its token, by time.time()

    @property
    def is_expired(self) -> bool:
        """Whether its token has expired."""
        return time.time() >= self.expires


Credential = str | Subject  # an API key, which proves itself, or whom we assert


@dataclass(slots=True)
class Caller:
    """The caller of a request."""

    credential: Credential
    identity: Json  # as mcp.authenticate says it, and until when its ticket is good

    @property
    def ticket(self) -> str:
        """The ticket that replaces the credential in a read, "" if it has expired."""
        is_good = self.identity.get("until", 0.0) > time.monotonic()
        return self.identity["ticket"] if is_good else ""


@dataclass
class Identities:
    """The identities of credentials, from the database, cached for IDENTITY_SECONDS."""

    ask: Callable[[str, str], Awaitable[str]]  # a statement and its parameter
    key: str = ""  # for assertions, in hex
    cached: dict[bytes, tuple[float, Json | None]] = field(default_factory=dict)
    asking: dict[bytes, asyncio.Task[Json | None]] = field(default_factory=dict)

    async def authenticate(self, credential: Credential) -> Json | None:
        """Return the identity of a credential, None if the database refuses it.

        Raises UnassertedError, DatabaseError, DATABASE_FAILURES.
        """
        if isinstance(credential, str) and not credential.startswith(API_KEY):
            return None  # a token of somebody else's, or an assertion: not for the database
        if isinstance(credential, Subject) and credential.is_expired:
            return None
        name, now = digest(credential), time.monotonic()
        until, identity = self.cached.get(name, (now, None))
        if until > now:
            return identity
        if name not in self.asking:  # one question for all who wait for its answer
            self.asking[name] = asyncio.create_task(self.identify(credential, name))
            self.asking[name].add_done_callback(lambda _: self.asking.pop(name))
        return await asyncio.shield(self.asking[name])

    def identified(self, credential: Credential) -> Json | None:
        """Return the cached identity of a credential, or None."""
        until, identity = self.cached.get(digest(credential), (0.0, None))
        return identity if until > time.monotonic() else None

    @contextlib.contextmanager
    def while_good(self, credential: Credential, end: Callable[[], object]) -> Iterator[None]:
        """Call ``end`` when the credential is no longer valid while the block runs."""

        async def watch() -> None:
            identity: Json | None = {}
            while identity is not None:
                await asyncio.sleep(STREAM_SECONDS)
                try:
                    identity = await self.authenticate(credential)
                except UnassertedError:
                    identity = None
                except (DatabaseError, *DATABASE_FAILURES):  # nobody knows then
                    continue
            end()

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()

    async def identify(self, credential: Credential, name: bytes) -> Json | None:
        """Return the identity of a credential from the database, and cache it."""
        began = time.monotonic()
        try:
            text = await self.ask(AUTHENTICATE, proof(credential, self.key, "/authenticate"))
            identity: Json | None = json.loads(text) | {"until": began + IDENTITY_SECONDS}
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.DataError) as error:
            if reason := REFUSED.get(error.as_dict().get("constraint_name", "")):
                raise UnassertedError(reason) from None
            identity = None
        if len(self.cached) >= IDENTITIES:
            self.cached.clear()
        self.cached[name] = (began + IDENTITY_SECONDS, identity)
        return identity


def digest(credential: Credential) -> bytes:
    """Return the SHA-256 of a credential, to remember it without storing it."""
    return hashlib.sha256(repr(credential).encode()).digest()


def proof(
    credential: Credential,
    key: str,
    action: str,
    signed: str = "{}",
    request_id: str = "",
    *,
    repeated: int = 0,
) -> str:
    """Return an assertion of the caller for one action. ``key`` is in hex.

    Raises InvalidAuthorizationSpecificationError, as the database does, if the token has expired.
    Each is good once for a write, so one that is ``repeated`` several times expires a second later.
    """
    if isinstance(credential, str):
        return credential
    if credential.is_expired:
        raise asyncpg.InvalidAuthorizationSpecificationError("the access token has expired")
    now = time.time() + repeated
    return sign(bytes.fromhex(key), credential, action, signed, request_id, now)


def sign(
    key: bytes, subject: Subject, action: str, signed: str, request_id: str, now: float
) -> str:
    """Return an assertion for a text that is sent with it. ``now`` is in seconds since 1970."""
    assertion = f"assert_{subject.id.encode().hex()}_{int(now) + LIFE_SECONDS}"
    if subject.claims:
        assertion += f"_{subject.claims.encode().hex()}"
    digest = hashlib.sha256(signed.encode()).hexdigest()
    message = f"{assertion}|{digest}|{request_id}|{action}"
    return f"{assertion}_{hmac.new(key, message.encode(), 'sha256').hexdigest()}"
