"""Authorization of requests by API key or access token.

The database verifies API keys. Access tokens are JWTs (RFC 9068), verified here with the keys of
the identity provider; the database gets their subject in an assertion, never the token. The
resource metadata (RFC 9728) of this server is here too.
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
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from zava_mcp.shim.answer.errors import (
    BAD_KEY,
    DATABASE_FAILURES,
    UNAVAILABLE,
    BusyError,
    DatabaseError,
)
from zava_mcp.shim.identify.credentials import API_KEY, Caller, Credential, Identities, Subject
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.settings import Settings, is_safe_url

NO_KEY = "Send the header Authorization: Bearer zava_... with your API key."
NO_TOKEN = "Send the header Authorization: Bearer with an access token or an API key."  # noqa: S105
BAD_TOKEN = "The access token is not valid here, or its subject is no user."  # noqa: S105
BAD_SCOPE = "The access token lacks an OAuth scope."
NO_ISSUER = "The identity provider is unavailable, try again."
# asymmetric alone: a secret that we could check with, we could sign with
ALGORITHMS = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
}
TYPES = {None, "jwt", "at+jwt", "application/at+jwt"}  # "typ" of an access token, where it has one
OF_TOKEN = {"exp", "iat", "nbf", "jti", "auth_time"}  # claims of a token and not of its subject
NOT_ACCESS = {"at_hash", "c_hash", "events"}  # claims of ID and logout tokens
SKEW_SECONDS = 10  # by which the issuer's clock may differ from ours
KEYS_SECONDS, STALE_SECONDS = 600, 3600  # when keys are fetched again, and dropped at the latest
FETCHES, FETCHES_SECONDS = 5, 60  # at most FETCHES in FETCHES_SECONDS
FETCH_SECONDS, FETCH_BYTES = 5, 512 * 1024
WELL_KNOWN = "/.well-known/oauth-protected-resource"

log = structlog.get_logger("zava-mcp")


class TokenError(Exception):
    """An access token is invalid; the message is for the log."""


class ScopeError(Exception):
    """An access token is valid, but lacks an OAuth scope."""


class IssuerError(Exception):
    """The issuer's keys cannot be fetched; the message is for the log."""


@dataclass
class Issuer:
    """The identity provider whose tokens are accepted, and its cached keys."""

    settings: Settings
    keys: list[dict[str, Any]] = field(default_factory=list)
    fetched: float = float("-inf")  # when, by the monotonic clock
    tries: deque[float] = field(default_factory=lambda: deque(maxlen=FETCHES))
    tried: float = float("-inf")  # when the last try ended
    problem: str = "never asked"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def verify(self, token: str) -> Subject:
        """Return the subject of a valid token. Raises TokenError, ScopeError, IssuerError."""
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
        subject_claims = {name: value for name, value in claims.items() if name not in OF_TOKEN}
        expires = int(claims["exp"]) + SKEW_SECONDS
        return Subject(claims["sub"], json.dumps(subject_claims, sort_keys=True), expires)

    async def key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """Return the key that signed a token, fetched from the issuer if it is unknown.

        Raises TokenError, IssuerError.
        """
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
        """Return the cached keys that fit the header of a token."""
        return [
            key
            for key in self.keys
            if ("kid" not in header or key.get("kid") == header["kid"])
            and key.get("use", "sig") == "sig"
            and key.get("alg", header["alg"]) == header["alg"]
        ]

    async def refresh(self, began: float) -> None:
        """Fetch the keys, unless that was done since ``began`` or FETCHES times of late."""
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
        """Fetch the keys. Raises httpx2.HTTPError, TimeoutError, or the error of a bad answer."""
        async with asyncio.timeout(FETCH_SECONDS), http_client() as client:
            url = self.settings.oauth_jwks_url or await self.discover(client)
            keys = [key for key in (await get_json(client, url))["keys"] if isinstance(key, dict)]
        log.info("issuer's keys fetched", url=url, keys=len(keys))
        return keys

    async def discover(self, client: httpx2.AsyncClient) -> str:
        """Return the address of the issuer's keys."""
        metadata = await self.metadata(client)
        if not is_safe_url(metadata["jwks_uri"]):
            raise ValueError(f"{metadata['jwks_uri']} is without https")
        return str(metadata["jwks_uri"])

    async def described(self) -> dict[str, Any]:
        """Fetch its metadata. Raises as ``fetch`` does."""
        async with asyncio.timeout(FETCH_SECONDS), http_client() as client:
            return await self.metadata(client)

    async def metadata(self, client: httpx2.AsyncClient) -> dict[str, Any]:
        """Fetch the issuer's metadata, by RFC 8414 or OpenID Connect."""
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
    """Return the OAuth scopes of a token: "scope" (RFC 8693), or "scp" of some providers."""
    scope = claims.get("scope", claims.get("scp", ""))
    return set(scope.split() if isinstance(scope, str) else map(str, scope or ()))


def origin_and_path(url: str) -> tuple[str, str]:
    """Split a URL into scheme and host, and its path without a slash at the end."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def metadata_url(settings: Settings) -> str:
    """Return the URL of resource_metadata."""
    origin, path = origin_and_path(str(settings.oauth_audience))
    return f"{origin}{WELL_KNOWN}{path}"


def metadata_paths(settings: Settings) -> set[str]:
    """Return the paths of the metadata: for the root, and for this server's path.

    The SDK's routes are for the latter alone.
    """
    _, path = origin_and_path(str(settings.oauth_audience))
    return {WELL_KNOWN, f"{WELL_KNOWN}/mcp", f"{WELL_KNOWN}{path}"}


def resource_metadata(settings: Settings) -> dict[str, Any]:
    """Return the metadata with which a client gets a token for this server (RFC 9728)."""
    return {
        "resource": settings.oauth_audience,
        "authorization_servers": [settings.oauth_issuer],
        "bearer_methods_supported": ["header"],
        "resource_name": "zava-mcp",
        **({"scopes_supported": settings.oauth_scopes} if settings.oauth_scopes else {}),
    }


@dataclass
class Gate:
    """The check of the credential of each request."""

    settings: Settings
    identities: Identities
    limits: Limits

    def __post_init__(self) -> None:
        """Set the identity provider, if there is one."""
        self.issuer = Issuer(self.settings) if self.settings.oauth_issuer else None

    async def admit(self, scope: Scope) -> Caller | Response:
        """Return the caller of a request, or the refusal; 429 after many bad tokens."""
        token = bearer_token(scope)
        if identity := self.identities.identified(token):  # of an API key, a moment ago
            return Caller(token, identity)
        address = (scope.get("client") or ("",))[0]
        if token and (wait := self.limits.lockout_seconds(address, token)):
            text = f"Too many bad tokens came from your address: wait {wait} seconds."
            body = {"error": "too_many_bad_tokens", "error_description": text}
            return JSONResponse(body, 429, {"Retry-After": str(wait)})
        found = await self.authorize(token)
        status = found.status_code if isinstance(found, Response) else 200
        if token and status in (200, 401):
            self.limits.count_token(address, token, is_good=status == 200)
        return found

    async def authorize(self, token: str) -> Caller | Response:
        """Return the caller of a token, or the response that refuses it."""
        if not token:
            text = NO_TOKEN if self.issuer else NO_KEY
            return challenge(self.settings, 401, "missing_token", text)
        try:
            credential: Credential = token
            if self.issuer is not None and not token.startswith(API_KEY):
                credential = await self.issuer.verify(token)
            identity = await self.identities.authenticate(credential)
            if identity is None and isinstance(credential, Subject):
                raise TokenError("its subject is the external id of no active user")
        except ScopeError:
            return challenge(self.settings, 403, "insufficient_scope", BAD_SCOPE)
        except TokenError as error:
            log.info("access token refused", reason=str(error))
            return challenge(self.settings, 401, "invalid_token", BAD_TOKEN)
        except (IssuerError, DatabaseError, *DATABASE_FAILURES) as error:
            log.error("cannot authenticate", reason=repr(error.__cause__ or error))
            text = NO_ISSUER if isinstance(error, IssuerError) else UNAVAILABLE
            text = str(error) if isinstance(error, BusyError) else text
            again = {"Retry-After": str(getattr(error, "details", {}).get("retry_after", 1))}
            return JSONResponse({"error": "unavailable", "error_description": text}, 503, again)
        if identity is None:
            return challenge(self.settings, 401, "invalid_token", BAD_KEY)
        return Caller(credential, identity)


def bearer_token(scope: Scope) -> str:
    """Return the bearer token of the Authorization header, "" if there is none or several."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return ""
    scheme, _, token = values[0].decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def challenge(settings: Settings, status: int, error: str, text: str) -> Response:
    """Return a refusal with a WWW-Authenticate challenge (RFC 6750, RFC 9728)."""
    challenge = {"realm": "zava-mcp"}
    if error != "missing_token":
        challenge |= {"error": error, "error_description": text}
    if settings.oauth_issuer:
        challenge["resource_metadata"] = metadata_url(settings)
    if settings.oauth_scopes:
        challenge["scope"] = " ".join(settings.oauth_scopes)
    header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in challenge.items())
    return JSONResponse(
        {"error": error, "error_description": text}, status, {"WWW-Authenticate": header}
    )
