"""Sign in at the workbench by an identity provider: authorization code with PKCE."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from issuer import AUDIENCE, MANAGER, Provider, provider, registered
from test_server import another_server, bounded, logged, started

from zava_mcp.pages.sign_in import ATTEMPT_SECONDS, Registration
from zava_mcp.pages.sign_in import Provider as SignInProvider

pytestmark = pytest.mark.needs("pages")
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HERE = "https://mcp.example"  # the origin of AUDIENCE


@pytest.fixture(scope="module")
def issuer() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def assertion_key(database: str) -> Iterator[str]:
    """The key of the assertions; one user of the demo has a subject at the provider."""
    with registered(database, oauth_manager=MANAGER) as key:
        yield key


def settings_for(issuer: Provider, assertion_key: str, **more: str) -> dict[str, str]:
    return {
        "ZAVA_OAUTH_ISSUER": issuer.url,
        "ZAVA_OAUTH_AUDIENCE": AUDIENCE,
        "ZAVA_OAUTH_SCOPES": "zava.read",
        "ZAVA_OAUTH_CLIENT_ID": "workbench",
        "ZAVA_ASSERTION_KEY": assertion_key,
        **more,
    }


@pytest.fixture(scope="module")
def server(
    shim_url: str, issuer: Provider, assertion_key: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The origin of a server that is registered at the provider, and its log."""
    log = tmp_path_factory.mktemp("sign-in") / "log"
    with another_server(shim_url, log, **settings_for(issuer, assertion_key)) as (url, _):
        yield url.removesuffix("/mcp"), log


class Browser:
    """A browser, as far as the sign-in needs one: it keeps cookies and follows where it is sent."""

    def __init__(self, origin: str) -> None:
        self.origin, self.cookies = origin, dict[str, str]()

    def get(self, path: str) -> httpx2.Response:
        response = httpx2.get(self.origin + path, headers=self.headers)
        for name in ("zava_sign_in", "zava_session"):
            if name in response.cookies:
                self.cookies[name] = response.cookies[name]
        return response

    def post(self, message: Any) -> httpx2.Response:
        headers = {**self.headers, "Origin": self.origin, "Accept": "application/json"}
        return httpx2.post(f"{self.origin}/mcp", json=message, headers=headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def leave(self) -> str:
        """Go to the provider and sign in there; return the path with which it sends us back."""
        away = self.get("/sign-in")
        assert away.status_code == 303
        back = httpx2.get(away.headers["location"], follow_redirects=False)
        target: str = back.headers["location"]
        assert target.startswith(f"{HERE}/sign-in/answer?")
        return target.removeprefix(HERE)


@pytest.fixture
def browser(server: tuple[str, Path]) -> Browser:
    return Browser(server[0])


def reason_of(response: httpx2.Response) -> str:
    assert response.status_code == 303
    assert "zava_session" not in response.cookies
    location: str = response.headers["location"]
    return location.removeprefix("/?sign_in=")


def test_who_signs_in_has_the_tools_of_their_user(browser: Browser, issuer: Provider) -> None:
    assert browser.get("/session").json() == {"signed_in": False, "provider": True}
    assert browser.post(LIST).status_code == 401

    away = browser.get("/sign-in")
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert away.headers["location"].startswith(f"{issuer.url}/authorize?tenant=1&")
    assert {name: asked[name] for name in asked if name not in ("state", "code_challenge")} == {
        "tenant": ["1"],
        "response_type": ["code"],
        "client_id": ["workbench"],
        "redirect_uri": [f"{HERE}/sign-in/answer"],
        "code_challenge_method": ["S256"],
        "resource": [AUDIENCE],
        "scope": ["zava.read"],
    }
    assert len(asked["code_challenge"][0]) == 43
    cookie = away.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=lax", "Secure", "Path=/sign-in", "Max-Age=600"):
        assert attribute in cookie

    answer = browser.get(browser.leave())

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    for attribute in ("zava_session=", "HttpOnly", "SameSite=strict", "Secure"):
        assert attribute in cookie
    assert "eyJ" not in str(answer.headers), "no token reaches the browser"
    assert browser.get("/session").json() == {"signed_in": True, "provider": True}
    listed = browser.post(LIST)
    assert listed.status_code == 200
    assert "get_daily_sales" in listed.text


def test_an_answer_is_good_once_and_for_its_browser_alone(
    browser: Browser, server: tuple[str, Path]
) -> None:
    path, stranger = browser.leave(), Browser(server[0])
    assert reason_of(stranger.get(path)) == "late"
    stranger.cookies["zava_sign_in"] = "guessed"
    assert reason_of(stranger.get(path)) == "late"
    assert browser.get(path).headers["location"] == "/"
    assert reason_of(browser.get(path)) == "refused"  # by the provider: a code is good once


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.replace("state=", "state=x"), "late"),
        (lambda path: path.partition("&state=")[0], "late"),
        (lambda path: path.partition("&iss=")[0], "refused"),
        (lambda path: path.partition("&iss=")[0] + "&iss=https://evil.example", "refused"),
        (lambda path: path.replace("code=", "error=access_denied&x="), "refused"),
        (lambda path: path.replace("code=", "code=x"), "refused"),
    ],
)
def test_an_altered_answer_signs_nobody_in(
    browser: Browser, change: Callable[[str], str], reason: str
) -> None:
    assert reason_of(browser.get(change(browser.leave()))) == reason
    assert browser.get("/session").json() == {"signed_in": False, "provider": True}
    assert browser.post(LIST).status_code == 401


def test_a_code_of_somebody_else_is_of_no_use(browser: Browser, server: tuple[str, Path]) -> None:
    """Its challenge is of another verifier, which only the other browser's attempt has."""
    other = Browser(server[0])
    code = parse_qs(urlsplit(other.leave()).query)["code"][0]
    own = parse_qs(urlsplit(browser.leave()).query)
    swapped = f"/sign-in/answer?code={code}&state={own['state'][0]}&iss={own['iss'][0]}"
    assert reason_of(browser.get(swapped)) == "refused"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, b"{}"), "unavailable"),
        ((200, b'{"access_token": "a\\r\\nb", "token_type": "bearer"}'), "unavailable"),
        ((200, b" " * 70_000), "unavailable"),
        ((302, b""), "refused"),
        ((400, b""), "refused"),
        ((500, b""), "unavailable"),
        ((200, b'{"access_token": "no-token", "token_type": "bearer"}'), "misfit"),
    ],
)
def test_a_bad_answer_of_the_provider_signs_nobody_in(
    browser: Browser, issuer: Provider, answer: tuple[int, bytes], reason: str
) -> None:
    path = browser.leave()
    issuer.answers["/token"] = answer
    try:
        assert reason_of(browser.get(path)) == reason
    finally:
        del issuer.answers["/token"]


def test_a_subject_that_is_no_user_is_told_so(browser: Browser, issuer: Provider) -> None:
    issuer.subject = "nobody"
    try:
        assert reason_of(browser.get(browser.leave())) == "unknown"
    finally:
        issuer.subject = "oauth-manager"


def test_the_log_says_why_and_holds_no_code(browser: Browser, server: tuple[str, Path]) -> None:
    path = browser.leave()
    browser.get(path.replace("code=", "code=x"))
    [*_, last] = [line for line in logged(server[1]) if line["event"] == "sign-in failed"]
    assert last["reason"] == "the code was answered with 400"
    assert parse_qs(urlsplit(path).query)["code"][0] not in server[1].read_text()


def test_a_client_with_a_secret_shows_it(
    shim_url: str, issuer: Provider, assertion_key: str, tmp_path: Path
) -> None:
    issuer.secret = "s3cret"
    settings = settings_for(issuer, assertion_key, ZAVA_OAUTH_CLIENT_SECRET="s3cret")
    try:
        with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
            browser = Browser(url.removesuffix("/mcp"))
            assert browser.get(browser.leave()).headers["location"] == "/"
        assert "s3cret" not in (tmp_path / "log").read_text()
    finally:
        issuer.secret = ""


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, "it does not offer PKCE with S256"),
        ({"token_endpoint": "http://evil.example/token"}, "http://evil.example/token is not https"),
        ({"authorization_endpoint": "x"}, "its metadata: ValidationError"),
    ],
)
@bounded
async def test_a_provider_without_what_is_needed_is_not_used(
    metadata: dict[str, Any], reason: str
) -> None:
    async def fetch() -> dict[str, Any]:
        issuer = "https://issuer.example"
        good = {"issuer": issuer, "authorization_endpoint": f"{issuer}/a"}
        return {**good, "token_endpoint": f"{issuer}/t", **metadata}

    made = SignInProvider(Registration("workbench", "", HERE, AUDIENCE, []), fetch)
    with pytest.raises(Exception, match=reason) as error:
        await made.begin()
    assert getattr(error.value, "reason", "") == "unavailable"


def test_attempts_of_others_displace_none(browser: Browser, server: tuple[str, Path]) -> None:
    """Anybody may begin one, without a credential."""
    path = browser.leave()
    with httpx2.Client(base_url=server[0]) as others:
        assert {others.get("/sign-in").status_code for _ in range(1001)} == {303}
    assert browser.get(path).headers["location"] == "/"


@pytest.mark.parametrize(
    "digits",
    [str(int(time.time()) - ATTEMPT_SECONDS - 1), "x", ""],
    ids=["over", "no number", "nothing"],  # not the moment, which differs from worker to worker
)
def test_an_attempt_ends(browser: Browser, digits: str) -> None:
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    old = f"{digits}.{state.partition('.')[2]}"
    browser.cookies["zava_sign_in"] = old
    assert reason_of(browser.get(f"/sign-in/answer?code=x&state={old}")) == "late"


def test_a_client_needs_an_issuer(shim_url: str) -> None:
    done = started(ZAVA_DATABASE_URL=shim_url, ZAVA_OAUTH_CLIENT_ID="workbench")
    assert done.returncode == 2
    assert "OAuth needs ZAVA_OAUTH_ISSUER and" in done.stderr
