"""Authorization of requests by API key or access token.

The database verifies API keys. Access tokens are JWTs (RFC 9068), verified here with the keys of
the identity provider; the database gets their subject in an assertion, never the token. The
resource metadata (RFC 9728) of this server is here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import structlog
from starlette.responses import JSONResponse
from starlette.types import Scope

from zava_mcp.shim.answer.errors import (
    BAD_KEY,
    DATABASE_FAILURES,
    UNAVAILABLE,
    BusyError,
    DatabaseError,
)
from zava_mcp.shim.identify.credentials import (
    API_KEY,
    Caller,
    Credential,
    Identities,
    Subject,
    UnassertedError,
)
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.observe.operators import Metrics, State
from zava_mcp.shim.settings import Settings, is_safe_url

NO_KEY = "Send the header Authorization: Bearer zava_... with your API key."
NO_TOKEN = "Send the header Authorization: Bearer with an access token or an API key."  # noqa: S105
BAD_TOKEN = "The access token is not valid here, or its subject is no user."  # noqa: S105
BAD_SCOPE = "The access token lacks an OAuth scope."
NO_ISSUER = "The identity provider is unavailable, try again."
NO_ASSERTION = "This server cannot vouch for anybody to its database: ask its operator."
UNAVAILABLE_STATUS = 503
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
FETCH_FAILURES = (httpx2.HTTPError, TimeoutError, ValueError, KeyError, TypeError)
REASON_SHOWN = 300  # characters of a reason in the log
WELL_KNOWN = "/.well-known/oauth-protected-resource"

log = structlog.get_logger("zava-mcp")


class TokenError(Exception):
    """An access token is invalid; the message is for the log."""


class StrangerError(TokenError):
    """An access token is valid, but its subject is not admitted."""


class ScopeError(Exception):
    """An access token is valid, but lacks an OAuth scope; the message is for the log."""


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
    refreshing: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether there are keys to check tokens with."""
        return time.monotonic() - self.fetched <= STALE_SECONDS

    async def verify(self, token: str) -> Subject:
        """Return the subject of a valid token. Raises TokenError, ScopeError, IssuerError."""
        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("alg")) not in ALGORITHMS:
                raise TokenError("its algorithm is not one of ours")
            if (str(header["typ"]).lower() if "typ" in header else None) not in TYPES:
                raise TokenError("it is no access token, by its type")
            claims = jwt.decode(
                token,
                await self.key(header),
                algorithms=[header["alg"]],
                audience=self.settings.oauth_token_audience or self.settings.oauth_audience,
                issuer=self.settings.oauth_issuer,
                leeway=SKEW_SECONDS,
                options={
                    "require": ["iss", "aud", "exp", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
            about = {name: value for name, value in claims.items() if name not in OF_TOKEN}
            subject_claims = storable(about)
        # a ValueError is also of a key that is none, a TypeError of a key of wrong parts
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenError(f"{type(error).__name__}: {error}") from error
        if NOT_ACCESS & claims.keys() or not claims["sub"]:
            raise TokenError("it is no access token, by its claims, or its subject is empty")
        found = scopes(claims)
        if missing := [
            each for each in self.settings.oauth_scopes if not {each, last(each)} & found
        ]:
            has = " ".join(sorted(found)) or "none"
            raise ScopeError(f"it lacks the OAuth scopes {' '.join(missing)}, and has {has}")
        return Subject(claims["sub"], subject_claims, int(claims["exp"]) + SKEW_SECONDS)

    async def key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """Return the key that signed a token, fetched from the issuer if it is unknown.

        Nobody waits for a fetch who has a known key. Raises TokenError, IssuerError.
        """
        began, found = time.monotonic(), self.find(header)
        age = began - self.fetched
        if not found or age > STALE_SECONDS:
            await self.refresh(began)
            found = self.find(header)
        elif age > KEYS_SECONDS and (self.refreshing is None or self.refreshing.done()):
            self.refreshing = asyncio.create_task(self.refresh(began))
        if not self.is_up:
            raise IssuerError(self.problem)
        if not found and self.tried < began:
            text = f"its keys were fetched {FETCHES} times in {FETCHES_SECONDS} seconds"
            raise IssuerError(f"{text}, and none fits the token")
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
        async with self.lock:
            now = time.monotonic()
            often = len(self.tries) == FETCHES and now - self.tries[0] < FETCHES_SECONDS
            if often or self.tried >= began:
                return
            self.tries.append(now)
            try:
                self.keys = await self.fetch()
                self.fetched = time.monotonic()
            except FETCH_FAILURES as error:
                self.problem = f"{type(error).__name__}: {error}"
                issuer = self.settings.oauth_issuer
                log.warning("cannot fetch the issuer's keys", issuer=issuer, reason=self.problem)
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
            except (
                httpx2.HTTPStatusError,
                json.JSONDecodeError,
            ):  # a page for all that is not there
                continue
            if metadata["issuer"] != issuer:
                raise ValueError(f"{url} is of another issuer, {metadata['issuer']}")
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
    if isinstance(scope, str):
        return set(scope.split())
    return {each for each in scope if isinstance(each, str)} if isinstance(scope, list) else set()


def last(scope: str) -> str:
    """Return the name of a scope without the URI of its API, as some providers issue it."""
    return scope.rpartition("/")[2] if "://" in scope else scope


def storable(claims: dict[str, Any]) -> str:
    """Return claims as JSON text that PostgreSQL takes. Raises ValueError."""
    text = json.dumps(claims, sort_keys=True, allow_nan=False)
    json.dumps(claims, ensure_ascii=False).encode()  # half of a surrogate pair raises
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("a claim holds a NUL character")
    return text


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


class Refusal(JSONResponse):
    """The response that refuses a credential, and what the log says about it."""

    event, reason = "access token refused", ""
    is_guess = is_stranger = False  # whether it counts as a bad token; valid, but of nobody here

    def __init__(self, status: int, error: str, text: str, headers: dict[str, str]) -> None:
        self.error, self.request_id = error, secrets.token_hex(16)
        content = {"error": error, "error_description": text}
        super().__init__(content, status, {**headers, "X-Request-Id": self.request_id})


@dataclass
class Gate:
    """The check of the credential of each request."""

    settings: Settings
    identities: Identities
    limits: Limits
    metrics: Metrics

    def __post_init__(self) -> None:
        """Set the identity provider, if there is one."""
        self.issuer = Issuer(self.settings) if self.settings.oauth_issuer else None

    async def look(self) -> None:
        """Fetch the issuer's keys and try an assertion, and log at the start what is wrong."""
        if self.issuer is None:
            return
        await self.issuer.refresh(time.monotonic())
        with contextlib.suppress(DatabaseError, *DATABASE_FAILURES):
            if problem := await assertion_problem(self.identities):
                log.error("nobody can sign in by OAuth", reason=problem)

    @property
    def state(self) -> State:
        """The state of the identity provider: disabled, healthy or unhealthy."""
        if self.issuer is None:
            return "disabled"
        return "healthy" if self.issuer.is_up else "unhealthy"

    async def admit(self, scope: Scope) -> Caller | Refusal:
        """Return the caller of a request, or the refusal; 429 after many bad tokens."""
        token = bearer_token(scope)
        if identity := self.identities.identified(token):  # of an API key, a moment ago
            return Caller(token, identity)
        found = await self.examine(scope, token)
        if isinstance(found, Refusal):
            self.metrics.refused.labels(found.error).inc()
        return found

    async def examine(self, scope: Scope, token: str) -> Caller | Refusal:
        """Do so for a token that did not come a moment ago."""
        address = (scope.get("client") or ("",))[0]
        if token and (wait := self.limits.lockout_seconds(address, token)):
            text = f"Too many bad tokens came from your address: wait {wait} seconds."
            return Refusal(429, "too_many_bad_tokens", text, {"Retry-After": str(wait)})
        found = await self.authorize(token)
        if not isinstance(found, Refusal):
            self.limits.count_token(address, token, is_good=True)
            return found
        if found.is_guess:
            self.limits.count_token(address, token, is_good=False)
        if found.reason:
            tell = log.error if found.status_code == UNAVAILABLE_STATUS else log.info
            about = {"request_id": found.request_id, "address": address}
            tell(found.event, reason=found.reason[:REASON_SHOWN], **about)
        return found

    async def authorize(self, token: str) -> Caller | Refusal:
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
                raise StrangerError(
                    f"its subject {credential.id} is the external id of no active user, and no"
                    " claim rule admits it"
                )
        except ScopeError as error:
            return challenge(self.settings, 403, "insufficient_scope", BAD_SCOPE, str(error))
        except TokenError as error:
            is_guess = not isinstance(error, StrangerError)  # a signature of the issuer is no guess
            refusal = challenge(self.settings, 401, "invalid_token", BAD_TOKEN, str(error))
            refusal.is_guess, refusal.is_stranger = is_guess, not is_guess
            return refusal
        except (IssuerError, DatabaseError, *DATABASE_FAILURES) as error:
            text = NO_ISSUER if isinstance(error, IssuerError) else UNAVAILABLE
            text = str(error) if isinstance(error, BusyError) else text
            text = NO_ASSERTION if isinstance(error, UnassertedError) else text
            again = {"Retry-After": str(getattr(error, "details", {}).get("retry_after", 1))}
            refusal = Refusal(UNAVAILABLE_STATUS, "unavailable", text, again)
            refusal.event, refusal.reason = "cannot authenticate", repr(error.__cause__ or error)
            return refusal
        if identity is None:
            refusal = challenge(self.settings, 401, "invalid_token", BAD_KEY)
            refusal.is_guess = True
            return refusal
        return Caller(credential, identity)


async def assertion_problem(identities: Identities) -> str:
    """Return why the database refuses what this server asserts, "" if it does not.

    Raises DatabaseError, DATABASE_FAILURES.
    """
    try:
        await identities.authenticate(Subject("zava-mcp"))
    except UnassertedError as error:
        return str(error)
    return ""


def bearer_token(scope: Scope) -> str:
    """Return the bearer token of the Authorization header, "" if there is none or several."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return ""
    scheme, _, token = values[0].decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def challenge(settings: Settings, status: int, error: str, text: str, reason: str = "") -> Refusal:
    """Return a refusal with a WWW-Authenticate challenge (RFC 6750, RFC 9728)."""
    challenge = {"realm": "zava-mcp"}
    if error != "missing_token":
        challenge |= {"error": error, "error_description": text}
    if settings.oauth_issuer:
        challenge["resource_metadata"] = metadata_url(settings)
    if settings.oauth_scopes:
        challenge["scope"] = " ".join(settings.oauth_scopes)
    header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in challenge.items())
    refusal = Refusal(status, error, text, {"WWW-Authenticate": header})
    refusal.reason = reason
    return refusal
