"""What the shim sends to the database in the place of a credential, for callers it has verified.

An assertion says whom an identity provider vouched for. It is signed with a key that the database
has too, and is good for a few seconds, for one action, its arguments and one request.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

API_KEY = "zava_"  # what an API key begins with; nothing else of a client's reaches the database
QUOTE = json.JSONEncoder(ensure_ascii=False).encode
LIFE_SECONDS = 15  # the database allows 30, so its clock may be behind ours by 15


@dataclass(frozen=True)
class Subject:
    """A caller whom the identity provider vouched for, and what the token says: a JSON object."""

    id: str
    claims: str = ""


Credential = str | Subject  # an API key, which proves itself, or whom we assert


def proof(
    credential: Credential,
    key: str,
    action: str,
    arguments: str = "{}",
    request_id: str = "",
    *,
    repeated: int = 0,
) -> str:
    """Return what proves to the database who asks for this one action; ``key`` is in hex.

    Each is good once for a write, so one that is ``repeated`` so many times expires a second later.
    """
    if isinstance(credential, str):
        return credential
    now = time.time() + repeated
    return sign(bytes.fromhex(key), credential, action, arguments, request_id, now)


def sign(
    key: bytes, subject: Subject, action: str, arguments: str, request_id: str, now: float
) -> str:
    """Make an assertion; ``arguments`` as canonical gives them, ``now`` in seconds since 1970."""
    said = f"assert_{subject.id.encode().hex()}_{int(now) + LIFE_SECONDS}"
    if subject.claims:
        said += f"_{subject.claims.encode().hex()}"
    digest = hashlib.sha256(arguments.encode()).hexdigest()
    signed = f"{said}|{digest}|{request_id}|{action}"
    return f"{said}_{hmac.new(key, signed.encode(), 'sha256').hexdigest()}"


def canonical(value: Any) -> str:
    """Return a JSON value as PostgreSQL prints jsonb, letter by letter, so that digests agree.

    For what jsonb can hold: no NaN, no NUL, no half of a surrogate pair.
    """
    match value:
        case dict():
            names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
            return "{" + ", ".join(f"{quoted(n)}: {canonical(value[n])}" for n in names) + "}"
        case list():
            return "[" + ", ".join(map(canonical, value)) + "]"
        case float():
            return f"{Decimal(repr(value)) if value else Decimal('0.0'):f}"  # numeric has no -0
        case _:
            return quoted(value)


def quoted(value: Any) -> str:
    """Return a JSON scalar as text; PostgreSQL escapes the same characters."""
    return QUOTE(value)
