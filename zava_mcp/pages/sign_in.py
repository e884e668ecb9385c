"""Sign in at the identity provider: an authorization code with PKCE, by OAuth 2.1.

The browser goes to the provider with a challenge, and comes back with a code that is exchanged here
for an access token. The browser sees neither the token nor the verifier; nothing of them is stored:
the verifier of an attempt is computed from its state, so nobody's attempts can displace others.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
from mcp.client.auth.exceptions import OAuthFlowError
from mcp.client.auth.utils import validate_authorization_response_iss
from mcp.shared.auth import OAuthMetadata, OAuthToken
from pydantic import ValidationError

ANSWER_PATH = "/sign-in/answer"  # of the redirect URI
ATTEMPT_SECONDS = 600  # that an attempt may take
METADATA_SECONDS = 600  # for which the provider's metadata is cached
EXCHANGE_SECONDS, TOKEN_BYTES = 5, 64 * 1024

Reason = Literal["refused", "late", "unavailable"]


class SignInError(Exception):
    """Nobody was signed in; the message is for the log, the reason for the page."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Registration:
    """This server, as it is registered at the provider."""

    client_id: str
    client_secret: str  # empty for a public client
    origin: str  # of this server
    resource: str  # for which tokens are asked (RFC 8707)
    scopes: list[str]  # OAuth scopes, not those of users

    @property
    def redirect_uri(self) -> str:
        """Return the redirect URI."""
        return self.origin + ANSWER_PATH


@dataclass
class Provider:
    """The identity provider, where people sign in.

    ``fetch`` returns its metadata (RFC 8414). Raises what httpx2 raises, ValueError, TimeoutError.
    """

    registration: Registration
    fetch: Callable[[], Awaitable[Mapping[str, Any]]]
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))  # of the verifiers
    metadata: OAuthMetadata | None = None
    fetched: float = 0.0

    async def begin(self) -> tuple[str, str]:
        """Return the state of a new attempt, and the URL to send the browser to.

        Raises SignInError.
        """
        metadata = await self.known()
        state = f"{int(time.time())}.{secrets.token_urlsafe(32)}"
        digest = hashlib.sha256(self.verifier(state).encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.registration.redirect_uri,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "state": state,
            "resource": self.registration.resource,
            "scope": " ".join(self.registration.scopes),
        }
        asked = {name: value for name, value in asked.items() if value}
        url = httpx2.URL(str(metadata.authorization_endpoint)).copy_merge_params(asked)
        return state, str(url)

    async def finish(self, state: str, answer: Mapping[str, str]) -> str:
        """Return the access token for the answer that a browser brings; ``state`` is its cookie's.

        Raises SignInError.
        """
        began = state.partition(".")[0]
        if not began.isdecimal() or time.time() - float(began) > ATTEMPT_SECONDS:
            raise SignInError("late", "no attempt of this browser is under way")
        if not secrets.compare_digest(answer.get("state", "").encode(), state.encode()):
            raise SignInError("late", "the state is of another attempt")
        metadata = await self.known()
        try:
            validate_authorization_response_iss(answer.get("iss"), metadata)
        except OAuthFlowError as error:
            raise SignInError("refused", str(error)) from error
        if "code" not in answer:
            raise SignInError("refused", f"the provider answers {answer.get('error', 'no code')}")
        return await self.exchange(str(metadata.token_endpoint), answer["code"], state)

    def verifier(self, state: str) -> str:
        """Return the code verifier of an attempt, which this server alone can compute."""
        return hmac.new(self.secret, state.encode(), "sha256").hexdigest()

    async def exchange(self, url: str, code: str, state: str) -> str:
        """Exchange a code for an access token. Raises SignInError."""
        client_id, secret = self.registration.client_id, self.registration.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registration.redirect_uri,
            "client_id": client_id,
            "code_verifier": self.verifier(state),
            "resource": self.registration.resource,
        }
        auth = httpx2.BasicAuth(client_id, secret) if secret else None
        body = b""
        try:
            async with (
                asyncio.timeout(EXCHANGE_SECONDS),
                httpx2.AsyncClient(headers={"Accept": "application/json"}, auth=auth) as client,
                client.stream("POST", url, data=form) as response,
            ):
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > TOKEN_BYTES:
                        raise SignInError("unavailable", f"its answer exceeds {TOKEN_BYTES} bytes")
        except (httpx2.HTTPError, TimeoutError) as error:
            raise SignInError("unavailable", f"{type(error).__name__}: {error}") from error
        if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise SignInError("unavailable", f"the code was answered with {response.status_code}")
        if response.status_code != httpx2.codes.OK:
            raise SignInError("refused", f"the code was answered with {response.status_code}")
        try:
            token = OAuthToken.model_validate_json(body).access_token
        except ValidationError as error:
            raise SignInError("unavailable", "its answer holds no access token") from error
        if not token.isascii() or not token.isprintable():
            raise SignInError("unavailable", "its access token is no bearer token")
        return token

    async def known(self) -> OAuthMetadata:
        """Return the provider's metadata, which must offer PKCE. Raises SignInError."""
        if self.metadata is None or time.monotonic() - self.fetched > METADATA_SECONDS:
            try:
                found = OAuthMetadata.model_validate(await self.fetch())
            except (httpx2.HTTPError, ValueError, KeyError, TypeError, TimeoutError) as error:
                reason = f"{type(error).__name__}: {error}"
                raise SignInError("unavailable", f"its metadata: {reason}") from error
            if "S256" not in (found.code_challenge_methods_supported or ["S256"]):
                raise SignInError("unavailable", "it does not offer PKCE with S256")
            for url in (found.authorization_endpoint, found.token_endpoint):
                if url.scheme != "https" and url.host not in ("127.0.0.1", "localhost", "[::1]"):
                    raise SignInError("unavailable", f"{url} is not https")
            self.metadata, self.fetched = found, time.monotonic()
        return self.metadata
