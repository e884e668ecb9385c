"""Access tokens of an identity provider: JWTs (RFC 9068), checked against the issuer's keys.

What this server is to the provider, its resource metadata (RFC 9728), is here too. A token is read
and forgotten: what goes on to the database is the subject, in an assertion of our own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import structlog

from zava_mcp.shim.identify.credentials import Subject
from zava_mcp.shim.settings import Settings, is_safe_url

# asymmetric alone: a secret that we could check with, we could sign with
ALGORITHMS = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
}
TYPES = {None, "jwt", "at+jwt", "application/at+jwt"}  # "typ" of an access token, where it has one
OF_TOKEN = {"exp", "iat", "nbf", "jti", "auth_time"}  # claims of a token and not of its subject
NOT_ACCESS = {"at_hash", "c_hash", "events"}  # claims of ID and logout tokens
SKEW_SECONDS = 10  # by which the issuer's clock may differ from ours
KEYS_SECONDS, STALE_SECONDS = 600, 3600  # when keys are fetched anew, and forgotten at the latest
FETCHES, FETCHES_SECONDS = 5, 60  # at most so many fetches in so many seconds
FETCH_SECONDS, FETCH_BYTES = 5, 512 * 1024
WELL_KNOWN = "/.well-known/oauth-protected-resource"

log = structlog.get_logger("zava-mcp")


class TokenError(Exception):
    """An access token is no good; the message is for the log."""


class ScopeError(Exception):
    """An access token is good, but not for this."""


class IssuerError(Exception):
    """The issuer's keys cannot be had; the message is for the log."""


@dataclass
class Issuer:
    """The identity provider whose tokens we take, and its keys as we saw them last."""

    settings: Settings
    keys: list[dict[str, Any]] = field(default_factory=list)
    fetched: float = float("-inf")  # when, by the monotonic clock
    tries: deque[float] = field(default_factory=lambda: deque(maxlen=FETCHES))
    tried: float = float("-inf")  # when the last try ended
    problem: str = "never asked"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def verify(self, token: str) -> Subject:
        """Say whom a token vouches for. Raises TokenError, ScopeError, IssuerError."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise TokenError("its algorithm is not one of ours")
            if (str(header["typ"]).lower() if "typ" in header else None) not in TYPES:
                raise TokenError("it is no access token, by its type")
            claims = jwt.decode(
                token,
                await self.key(header),
                algorithms=[header["alg"]],
                audience=self.settings.oauth_audience,
                issuer=self.settings.oauth_issuer,
                leeway=SKEW_SECONDS,
                options={
                    "require": ["iss", "aud", "exp", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
            claims["sub"].encode()  # half of a surrogate pair raises
        except (jwt.PyJWTError, ValueError) as error:  # a ValueError is also of a key that is none
            raise TokenError(f"{type(error).__name__}: {error}") from error
        if NOT_ACCESS & claims.keys() or not claims["sub"]:
            raise TokenError("it is no access token, by its claims, or its subject is empty")
        if not set(self.settings.oauth_scopes) <= scopes(claims):
            raise ScopeError
        said = {name: value for name, value in claims.items() if name not in OF_TOKEN}
        return Subject(claims["sub"], json.dumps(said, sort_keys=True))

    async def key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """Find the key that a token names, asking the issuer where we do not know it."""
        began, found = time.monotonic(), self.find(header)
        if not found or began - self.fetched > KEYS_SECONDS:
            async with self.lock:
                await self.refresh(began)
            found = self.find(header)
        if time.monotonic() - self.fetched > STALE_SECONDS:
            raise IssuerError(self.problem)
        if len(found) != 1:
            raise TokenError("the issuer has no such key, or the token does not say which")
        return jwt.PyJWK(found[0], header["alg"])

    def find(self, header: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the keys that a token may be signed with."""
        return [
            key
            for key in self.keys
            if ("kid" not in header or key.get("kid") == header["kid"])
            and key.get("use", "sig") == "sig"
            and key.get("alg", header["alg"]) == header["alg"]
        ]

    async def refresh(self, began: float) -> None:
        """Fetch the keys, unless somebody has just done so or it was done too often."""
        now = time.monotonic()
        often = len(self.tries) == FETCHES and now - self.tries[0] < FETCHES_SECONDS
        if often or self.tried >= began:
            return
        self.tries.append(now)
        try:
            self.keys = await self.fetch()
            self.fetched = time.monotonic()
        except (httpx2.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self.problem = f"{type(error).__name__}: {error}"
            log.warning("cannot fetch the issuer's keys", reason=self.problem)
        self.tried = time.monotonic()

    async def fetch(self) -> list[dict[str, Any]]:
        """Ask for the keys. Raises httpx2.HTTPError, TimeoutError, or what a bad answer causes."""
        async with asyncio.timeout(FETCH_SECONDS), http_client() as client:
            url = self.settings.oauth_jwks_url or await self.discover(client)
            keys = [key for key in (await get_json(client, url))["keys"] if isinstance(key, dict)]
        log.info("issuer's keys fetched", url=url, keys=len(keys))
        return keys

    async def discover(self, client: httpx2.AsyncClient) -> str:
        """Ask the issuer where its keys are."""
        metadata = await self.metadata(client)
        if not is_safe_url(metadata["jwks_uri"]):
            raise ValueError(f"{metadata['jwks_uri']} is without https")
        return str(metadata["jwks_uri"])

    async def described(self) -> dict[str, Any]:
        """Fetch its metadata. Raises as ``fetch`` does."""
        async with asyncio.timeout(FETCH_SECONDS), http_client() as client:
            return await self.metadata(client)

    async def metadata(self, client: httpx2.AsyncClient) -> dict[str, Any]:
        """Ask the issuer about itself, as RFC 8414 and OpenID Connect have it."""
        issuer = str(self.settings.oauth_issuer)
        origin, path = origin_and_path(issuer)
        for url in (
            f"{origin}/.well-known/oauth-authorization-server{path}",
            f"{origin}{path}/.well-known/openid-configuration",
        ):
            try:
                metadata: dict[str, Any] = await get_json(client, url)
            except httpx2.HTTPStatusError:
                continue
            if metadata["issuer"] != issuer:
                raise ValueError(f"{url} is of another issuer")
            return metadata
        raise ValueError(f"{issuer} publishes no metadata: set ZAVA_OAUTH_JWKS_URL")


def http_client() -> httpx2.AsyncClient:
    """Return a client that follows no redirect."""
    return httpx2.AsyncClient(headers={"Accept": "application/json"}, timeout=FETCH_SECONDS)


async def get_json(client: httpx2.AsyncClient, url: str) -> Any:
    """Fetch a small JSON document. Raises httpx2.HTTPError or ValueError."""
    body = b""
    async with client.stream("GET", url) as response:
        if response.status_code != httpx2.codes.OK:
            response.raise_for_status()
            raise ValueError(f"{url} answers {response.status_code}")
        async for part in response.aiter_bytes():
            body += part
            if len(body) > FETCH_BYTES:
                raise ValueError(f"{url} is longer than {FETCH_BYTES} bytes")
    return json.loads(body)


def scopes(claims: dict[str, Any]) -> set[str]:
    """Return what a token allows: "scope" by RFC 8693, "scp" as some providers write it."""
    said = claims.get("scope", claims.get("scp", ""))
    return set(said.split() if isinstance(said, str) else map(str, said or ()))


def origin_and_path(url: str) -> tuple[str, str]:
    """Split a URL into scheme and host, and its path without a slash at the end."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def metadata_url(settings: Settings) -> str:
    """Return where clients find what resource_metadata says."""
    origin, path = origin_and_path(str(settings.oauth_audience))
    return f"{origin}{WELL_KNOWN}{path}"


def metadata_paths(settings: Settings) -> set[str]:
    """Return where we answer with it: beside the root, and for this server's own path."""
    _, path = origin_and_path(str(settings.oauth_audience))
    return {WELL_KNOWN, f"{WELL_KNOWN}/mcp", f"{WELL_KNOWN}{path}"}


def resource_metadata(settings: Settings) -> dict[str, Any]:
    """Say what a client needs to get a token for this server, by RFC 9728."""
    return {
        "resource": settings.oauth_audience,
        "authorization_servers": [settings.oauth_issuer],
        "bearer_methods_supported": ["header"],
        "resource_name": "zava-mcp",
        **({"scopes_supported": settings.oauth_scopes} if settings.oauth_scopes else {}),
    }
