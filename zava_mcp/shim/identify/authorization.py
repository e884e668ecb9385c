"""Who sends a request over HTTP: its bearer token, and the answer where that is no good.

A token is an API key, which the database judges, or one of the identity provider's, judged here.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zava_mcp.shim.answer.errors import (
    BAD_KEY,
    DATABASE_FAILURES,
    UNAVAILABLE,
    BusyError,
    DatabaseError,
)
from zava_mcp.shim.identify.credentials import API_KEY, Caller, Credential, Identities, Subject
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.identify.oauth import Issuer, IssuerError, ScopeError, TokenError, metadata_url
from zava_mcp.shim.settings import Settings

NO_KEY = "Send the header Authorization: Bearer zava_... with your API key."
NO_TOKEN = "Send the header Authorization: Bearer with an access token or an API key."  # noqa: S105
BAD_TOKEN = "The access token is not valid here, or its subject is no user."  # noqa: S105
BAD_SCOPE = "The access token lacks a scope."
NO_ISSUER = "The identity provider is unavailable, try again."

log = structlog.get_logger("zava-mcp")


@dataclass
class Gate:
    """What lets requests in."""

    settings: Settings
    identities: Identities
    limits: Limits

    def __post_init__(self) -> None:
        """Know the identity provider, where there is one."""
        self.issuer = Issuer(self.settings) if self.settings.oauth_issuer else None

    async def admit(self, request: Request) -> Caller | Response:
        """Authorize a request, as long as few bad tokens come from its address."""
        address, token = request.client.host if request.client else "", bearer_token(request)
        is_good = self.limits.is_good(token)
        if is_good and token.startswith(API_KEY) and (kept := self.identities.identified(token)):
            return Caller(token, kept)
        if token and (wait := await self.limits.locked_out(address, token)):
            text = f"Too many bad tokens came from your address: wait {wait} seconds."
            said = {"error": "too_many_bad_tokens", "error_description": text}
            return JSONResponse(said, 429, {"Retry-After": str(wait)})
        found = await self.authorize(token)
        status = found.status_code if isinstance(found, Response) else 200
        if token and status in (200, 401):
            await self.limits.judged(address, token, is_good=status == 200)
        return found

    async def authorize(self, token: str) -> Caller | Response:
        """Return who a token stands for, or the response that refuses it."""
        if not token:
            text = NO_TOKEN if self.issuer else NO_KEY
            return challenge(self.settings, 401, "missing_token", text)
        try:
            credential = await verified(self.issuer, token)
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


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header, the one place it comes from; empty for none."""
    given = request.headers.getlist("authorization")
    return token_of(given[0]) if len(given) == 1 else ""


def token_of(authorization: str) -> str:
    """Return the bearer token of a header, empty for none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def verified(issuer: Issuer | None, token: str) -> Credential:
    """Return what a token is: an API key as it is, or whom the issuer vouches for with it."""
    if issuer is None or token.startswith(API_KEY):
        return token
    return await issuer.verify(token)


def challenge(settings: Settings, status: int, error: str, text: str) -> Response:
    """Refuse a request, and say by RFC 6750 and 9728 what is needed.

    The challenge has no error code when no token came.
    """
    said = {"realm": "zava-mcp"}
    if error != "missing_token":
        said |= {"error": error, "error_description": text}
    if settings.oauth_issuer:
        said["resource_metadata"] = metadata_url(settings)
    if settings.oauth_scopes:
        said["scope"] = " ".join(settings.oauth_scopes)
    header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())
    return JSONResponse(
        {"error": error, "error_description": text}, status, {"WWW-Authenticate": header}
    )
