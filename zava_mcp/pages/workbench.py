"""The workbench at /: files for a browser, and a session that stands for a credential.

The page speaks MCP to /mcp/all as every client does. What it has instead of a key is a cookie,
which scripts cannot read and other sites do not send; the session that it names is kept here, in
memory, for as long as it is used. The credential is an API key, or an access token for which the
browser went to the identity provider. A request is taken with the cookie only from a page of this
origin.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
import structlog
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zava_mcp.pages import page
from zava_mcp.pages.sign_in import ANSWER_PATH, ATTEMPT_SECONDS, Provider, SignInError

MCP, COOKIE = ("/mcp", "/mcp/all"), "zava_session"
SIGN_IN, SIGN_IN_COOKIE = "/sign-in", "zava_sign_in"
IDLE_SECONDS, SESSIONS = 8 * 3600.0, 1000  # after which a session ends, and how many there are
OWN_SESSIONS = 32  # of one user; the one unused for longest makes room for another
KEY_BYTES = 4096  # of the body that has the key
FILES = {
    "/": ("workbench.html", "text/html; charset=utf-8"),
    "/workbench.css": ("workbench.css", "text/css; charset=utf-8"),
    "/workbench.js": ("workbench.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OTHER_ORIGIN = "This is for pages of this server alone."
REFUSED = {401: "unknown", 403: "scope"}  # what the page is told, by the status of the refusal

log = structlog.get_logger("zava-mcp")
Admit = Callable[[Scope], Awaitable[Any]]


class SignIn(msgspec.Struct):
    """What the form sends."""

    key: str


class Workbench:
    """What serves the pages, and lends the key of a session to requests that go on to ``app``.

    ``admit`` gives the response that refuses a request, or the caller of a good credential;
    ``provider`` is where people sign in who have no key, None where there is none.
    """

    def __init__(
        self,
        app: ASGIApp,
        admit: Admit,
        security: TransportSecuritySettings,
        provider: Provider | None = None,
    ) -> None:
        self.app, self.admit, self.provider = app, admit, provider
        self.security = TransportSecurityMiddleware(security)
        # user, key and last use; the one unused for longest is the first
        self.sessions: dict[str, tuple[str, str, float]] = {}
        sign_in_routes = [
            Route(SIGN_IN, self.leave, methods=["GET"]),
            Route(ANSWER_PATH, self.come_back, methods=["GET"]),
        ]
        self.pages = Starlette(
            routes=[
                *(Route(path, self.file) for path in FILES),
                Route("/session", self.tell, methods=["GET"]),
                Route("/session", self.sign_in, methods=["POST"]),
                Route("/session", self.sign_out, methods=["DELETE"]),
                *(sign_in_routes if provider else []),
            ]
        )
        self.paths = {route.path for route in self.pages.routes if isinstance(route, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a page; let the others go on, with the key of their session."""
        if scope["type"] == "http" and scope["path"] in self.paths:
            # whether its own origin may call is not for ZAVA_ALLOWED_ORIGINS to say
            judged = Request({**scope, "headers": without(scope, b"origin")})
            refusal = await self.security.validate_request(judged, is_post=False)
            await (refusal or self.pages)(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in MCP:
            await self.app(self.lent(scope), receive, send)
        else:
            await self.app(scope, receive, send)

    async def file(self, request: Request) -> Response:
        """Answer with a file of the page."""
        name, kind = FILES[request.url.path]
        return Response(page(name), headers={**HEADERS, "Content-Type": kind})

    async def tell(self, request: Request) -> Response:
        """Answer whether there is a session, which a script cannot see by the cookie.

        It says too whether people may sign in at an identity provider.
        """
        is_signed_in = cookie_of(request, COOKIE) in self.sessions
        state = {"signed_in": is_signed_in, "provider": self.provider is not None}
        return JSONResponse(state, headers=HEADERS)

    async def sign_in(self, request: Request) -> Response:
        """Start a session for a valid key."""
        if not is_own(request):
            return refused(OTHER_ORIGIN, 403)
        try:
            key = msgspec.json.decode(await short_body(request), type=SignIn).key.strip()
        except (msgspec.MsgspecError, ValueError):
            return refused(f'Send {{"key": "..."}} of at most {KEY_BYTES} bytes.', 400)
        if not key.isascii() or not key.isprintable():
            return refused("A key is made of letters, digits and underscores.", 401)
        request.scope["headers"] = with_key(request.scope, key)
        caller = await self.admit(request.scope)
        if isinstance(caller, Response):
            return caller
        response = Response(status_code=204, headers=HEADERS)
        self.begin(response, caller, key, is_secure=request.url.scheme == "https")
        return response

    def begin(self, response: Response, caller: Any, key: str, *, is_secure: bool) -> None:
        """Begin a session, whose cookie the response brings."""
        user = caller.identity["user_id"]
        own = [name for name, (owner, _, __) in self.sessions.items() if owner == user]
        if len(own) >= OWN_SESSIONS or len(self.sessions) >= SESSIONS:
            del self.sessions[(own or [*self.sessions])[0]]
        session = secrets.token_urlsafe(32)
        self.sessions[session] = (user, key, time.monotonic())
        response.set_cookie(COOKIE, session, httponly=True, samesite="strict", secure=is_secure)

    async def leave(self, _: Request) -> Response:
        """Send the browser to the identity provider."""
        provider = self.required_provider
        try:
            state, url = await provider.begin()
        except SignInError as error:
            return back(error)
        response = RedirectResponse(url, 303, HEADERS)
        response.set_cookie(
            SIGN_IN_COOKIE,
            state,
            max_age=ATTEMPT_SECONDS,
            path=SIGN_IN,
            httponly=True,
            samesite="lax",  # the browser comes back from another site
            secure=provider.registration.origin.startswith("https:"),
        )
        return response

    async def come_back(self, request: Request) -> Response:
        """Start a session for a valid code of the identity provider."""
        provider = self.required_provider
        state = cookie_of(request, SIGN_IN_COOKIE)
        try:
            token = await provider.finish(state, request.query_params)
        except SignInError as error:
            return done(back(error))
        request.scope["headers"] = with_key(request.scope, token)
        caller = await self.admit(request.scope)
        if isinstance(caller, Response):
            reason = REFUSED.get(caller.status_code, "unavailable")
            if reason == "unknown" and not getattr(caller, "is_stranger", False):
                reason = "misfit"
            return done(RedirectResponse(f"/?sign_in={reason}", 303, HEADERS))
        response = RedirectResponse("/", 303, HEADERS)
        is_secure = provider.registration.origin.startswith("https:")
        self.begin(response, caller, token, is_secure=is_secure)
        return done(response)

    @property
    def required_provider(self) -> Provider:
        """Return the provider; routes that call this exist only with one."""
        if self.provider is None:
            raise LookupError("no identity provider")
        return self.provider

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        if not is_own(request):
            return refused(OTHER_ORIGIN, 403)
        self.sessions.pop(cookie_of(request, COOKIE), None)
        response = Response(status_code=204, headers=HEADERS)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    def lent(self, scope: Scope) -> Scope:
        """Return a request with the key of its session, or unchanged if it has none."""
        if not any(name == b"cookie" for name, _ in scope["headers"]):
            return scope
        request = Request(scope)
        session = cookie_of(request, COOKIE)
        if not session or "authorization" in request.headers or not is_own(request):
            return scope
        user, key, used = self.sessions.pop(session, ("", "", 0.0))
        now = time.monotonic()
        if not key or now - used > IDLE_SECONDS:
            return scope
        self.sessions[session] = (user, key, now)  # the last to be forgotten
        return {**scope, "headers": with_key(scope, key)}


def without(scope: Scope, *names: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request, but for some."""
    return [pair for pair in scope["headers"] if pair[0] not in names]


def with_key(scope: Scope, key: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request of our own page, with a bearer token for the cookie."""
    kept = without(scope, b"cookie", b"authorization", b"origin")
    return [*kept, (b"authorization", f"Bearer {key}".encode("ascii"))]


def cookie_of(request: Request, name: str) -> str:
    """Return the value of a cookie, empty for none."""
    try:
        cookie = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookie[name].value if name in cookie else ""


def done(response: Response) -> Response:
    """End an attempt to sign in: its answer is good once."""
    response.delete_cookie(SIGN_IN_COOKIE, path=SIGN_IN, httponly=True, samesite="lax")
    return response


def back(error: SignInError) -> Response:
    """Send the browser back to the page, which says why nobody was signed in."""
    log.warning("sign-in failed", reason=str(error))
    return RedirectResponse(f"/?sign_in={error.reason}", 303, HEADERS)


def is_own(request: Request) -> bool:
    """Return whether a page of this origin sends a request that may change something.

    Browsers say so in Origin, and in Sec-Fetch-Site; a site of another port is another origin.
    """
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    is_same = origin in {f"http://{host}", f"https://{host}"}
    return is_same and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


async def short_body(request: Request) -> bytes:
    """Read a body. Raises ValueError where it is longer than KEY_BYTES."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > KEY_BYTES:
            raise ValueError
    return body


def refused(text: str, status: int) -> Response:
    """Refuse a request as /mcp does."""
    return JSONResponse({"error": "refused", "error_description": text}, status, HEADERS)
