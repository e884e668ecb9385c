"""OAuth 2.1: a real identity provider, the real server, and what goes from it to the database."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import asyncpg
import httpx2
import jwt
import mcp_types as types
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from issuer import (
    AUDIENCE,
    HEAD_OFFICE,
    MANAGER,
    Provider,
    provider,
    registered,
    wiretap,
)
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost
from test_server import (
    BOTH_ERAS,
    LEGACY,
    Keys,
    another_server,
    ask,
    bounded,
    connected,
    count_orders,
    data,
    ended,
    logged,
    post,
    run_sql,
    started,
    until,
)

from zava_mcp.shim.identify import credentials
from zava_mcp.shim.identify.authorization import (
    FETCHES,
    KEYS_SECONDS,
    SKEW_SECONDS,
    STALE_SECONDS,
    Issuer,
    IssuerError,
    ScopeError,
    TokenError,
)
from zava_mcp.shim.identify.credentials import Identities, Subject, UnassertedError, sign
from zava_mcp.shim.settings import Refusal, load_settings

STORE = "Zava Retail Seattle"
METADATA = "https://mcp.example/.well-known/oauth-protected-resource/zava/mcp"
CHALLENGE = f'resource_metadata="{METADATA}", scope="zava.read"'
REFUSED = {
    "error": "invalid_token",
    "error_description": "The access token is not valid here, or its subject is no user.",
}
ASSERTION = re.compile(rb"assert_[0-9a-f]+_[0-9]+_[0-9a-f]+_[0-9a-f]{64}")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Provider]:
    """An identity provider with a key of each kind."""
    with provider() as made:
        made.add_key("p256", ec.generate_private_key(ec.SECP256R1()))
        made.add_key("ed", ed25519.Ed25519PrivateKey.generate(), use="sig")
        yield made


@pytest.fixture(scope="module")
def assertion_key(database: str) -> Iterator[str]:
    """The key of the assertions; two users of the demo have subjects at the provider."""
    with registered(database, oauth_manager=MANAGER, oauth_head=HEAD_OFFICE) as key:
        yield key


def settings_for(issuer: Provider, assertion_key: str, **more: str) -> dict[str, str]:
    """What the environment of a server says that takes the provider's tokens."""
    return {
        "ZAVA_OAUTH_ISSUER": issuer.url,
        "ZAVA_OAUTH_AUDIENCE": AUDIENCE,
        "ZAVA_OAUTH_SCOPES": "zava.read",
        "ZAVA_ASSERTION_KEY": assertion_key,
        "ZAVA_BAD_TOKENS": "1000",
        **more,
    }


@pytest.fixture(scope="module")
def tapped(
    shim_url: str, issuer: Provider, assertion_key: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, bytearray]]:
    """A server that takes tokens, its log, and what it has sent to the database."""
    log = tmp_path_factory.mktemp("oauth") / "log"
    with (
        wiretap(shim_url) as (url, heard),
        another_server(url, log, **settings_for(issuer, assertion_key)) as (mcp_url, _),
    ):
        yield mcp_url, log, heard


def vouched_for(issuer: Provider) -> Subject:
    """Return the subject of a provider's token, with the claims that are not the token's."""
    claims = issuer.claims(exp=None, iat=None)
    return Subject(claims["sub"], json.dumps(claims, sort_keys=True))


# Who comes in -----------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_a_token_is_its_subjects_user(
    tapped: Any, issuer: Provider, database: str, keys: Keys, mode: str
) -> None:
    """The manager sees one store's orders, head office all; an API key works beside."""
    total = ask(database, "select count(*) from retail.orders")
    own: LiteralString = (
        "select count(*) from retail.orders join retail.stores using (store_id) where name = %s"
    )
    async with connected(tapped[0], issuer.token(), mode) as client:
        assert await count_orders(client) == ask(database, own, STORE)
        assert 0 < await count_orders(client) < total
        names = [tool.name for tool in (await client.list_tools()).tools]
    async with connected(tapped[0], issuer.token(sub="oauth-head"), mode) as client:
        assert await count_orders(client) == total
    async with connected(tapped[0], keys["stores"][STORE], mode) as client:
        assert await count_orders(client) == ask(database, own, STORE)
        assert [tool.name for tool in (await client.list_tools()).tools] == names
    ready = httpx2.get(tapped[0].replace("/mcp", "/readyz")).json()
    assert ready["identity_provider"] == "healthy"


@bounded
async def test_a_stream_of_changes_ends_with_its_token(
    tapped: Any, issuer: Provider, assertion_key: str
) -> None:
    """A token that has expired is good for SKEW_SECONDS; that of the other stream is good after."""
    short = issuer.token(exp=int(time.time()) - SKEW_SECONDS + 15)
    async with (
        connected(tapped[0], short) as client,
        connected(tapped[0], issuer.token()) as other,
        other.listen(tools_list_changed=True),
        client.listen(tools_list_changed=True) as changes,
    ):
        with pytest.raises(SubscriptionLost):
            async for _ in changes:
                pass
        assert await count_orders(other) > 0


@pytest.mark.parametrize("seconds", [15, 300])
@bounded
async def test_an_answer_to_a_question_goes_on_with_the_token_of_the_call(
    tapped: Any, issuer: Provider, database: str, seconds: int
) -> None:
    """The answer comes with a new token; a call whose own has expired meanwhile writes nothing."""
    expires = int(time.time()) + seconds
    token = issuer.token(exp=expires - SKEW_SECONDS)
    stock: LiteralString = (
        "select i.stock_level from retail.inventory as i join retail.stores as s using (store_id)"
        " join retail.products as p using (product_id) where s.name = %s and p.sku = %s"
    )
    sku = ask(database, "select min(sku) from retail.products")
    before = ask(database, stock, STORE, sku)
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:

        async def confirm(context: Any, params: Any) -> types.ElicitResult:
            http.headers["Authorization"] = f"Bearer {issuer.token()}"
            if seconds == 15:
                await asyncio.to_thread(until, lambda: time.time() >= expires)
            return types.ElicitResult(action="accept", content={"confirm": True})

        way = streamable_http_client(tapped[0], http_client=http)
        async with Client(way, mode=LEGACY, elicitation_callback=confirm) as client:
            change = {
                "sku": sku,
                "change": 1,
                "reason": "test",
                "idempotency_key": f"answer-{seconds}",
            }
            if seconds == 15:
                with pytest.raises(MCPError, match="unknown, expired or revoked"):
                    await client.call_tool("adjust_inventory", change)
                assert ask(database, stock, STORE, sku) == before
            else:
                data(await client.call_tool("adjust_inventory", change))
                assert ask(database, stock, STORE, sku) == before + 1
                back = {**change, "change": -1, "idempotency_key": "answer-back"}
                data(await client.call_tool("adjust_inventory", back))
    assert ask(database, stock, STORE, sku) == before


@bounded
async def test_a_rule_of_claims_lets_in_who_is_not_registered(
    tapped: Any, issuer: Provider, database: str
) -> None:
    """What the token says decides audience and scope; without a rule that fits nobody comes in."""
    store = ask(database, "select store_id::text from retail.stores where name = %s", STORE)
    other = ask(database, "select min(store_id::text) from retail.stores where name <> %s", STORE)
    own: LiteralString = "select count(*) from retail.orders where store_id::text = %s"
    said: dict[str, Any] = {"realm": {"groups": ["staff", "managers"]}, "stores": [store]}
    assert_refused(post(tapped[0], issuer.token(sub="rule-0", **said)))
    add: LiteralString = (
        "select mcp_auth.add_claim_rule(%s, '{realm,groups}', 'managers', 'store_managers',"
        " '{stores}')::text"
    )
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(add, [issuer.url])
    try:
        async with connected(tapped[0], issuer.token(sub="rule-1", **said)) as client:
            assert await count_orders(client) == ask(database, own, store)
            names = [tool.name for tool in (await client.list_tools()).tools]
        async with connected(tapped[0], issuer.token()) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == names
        # the same subject with another token has what that says
        said["stores"] = [other]
        async with connected(tapped[0], issuer.token(sub="rule-1", **said)) as client:
            assert await count_orders(client) == ask(database, own, other)
        for changes in ({"realm": {"groups": ["staff"]}}, {"realm": None}):
            assert_refused(post(tapped[0], issuer.token(sub="rule-2", **{**said, **changes})))
        for weird in ("\x00", "\ud800"):  # what jsonb cannot hold
            assert_refused(post(tapped[0], issuer.token(sub="rule-3", **said, weird=weird)))
    finally:
        run_sql(database, "delete from mcp_auth.claim_rules")
    assert_refused(post(tapped[0], issuer.token(sub="rule-4", **said)))


def test_every_asymmetric_algorithm_is_taken(tapped: Any, issuer: Provider) -> None:
    for kid, algorithm in (("one", "PS256"), ("one", "RS512"), ("p256", "ES256"), ("ed", "EdDSA")):
        assert post(tapped[0], issuer.token(kid, algorithm)).status_code == 200, algorithm


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["https://other.example", AUDIENCE]},
        {"scope": None, "scp": ["zava.read"]},
        {"scope": None, "scp": "zava.read x"},
        {"exp": int(time.time()) - 2},  # within the skew of the clocks
        {"iat": None},
    ],
)
def test_good_tokens_come_in_several_forms(
    tapped: Any, issuer: Provider, changes: dict[str, Any]
) -> None:
    if "exp" in changes:
        changes = {"exp": int(time.time()) - 2}
    assert post(tapped[0], issuer.token(**changes)).status_code == 200


# Who does not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://mcp.example/other"},
        {"aud": ["https://mcp.example/other", f"{AUDIENCE}/"]},
        {"aud": []},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "never"},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": "oauth-nobody"},
        {"sub": "oauth-manager\x00"},
        {"sub": "oauth-manager "},
        {"at_hash": "x"},
        {"events": {}},
    ],
    ids="-".join,  # of names: the times are others in each process
)
def test_a_token_for_somebody_or_something_else_is_refused(
    tapped: Any, issuer: Provider, changes: dict[str, Any]
) -> None:
    assert_refused(post(tapped[0], issuer.token(**changes)))


def assert_refused(response: httpx2.Response) -> None:
    """Every fault of a token looks the same from outside."""
    assert response.status_code == 401, response.text
    assert response.json() == REFUSED
    assert response.headers["www-authenticate"] == (
        f'Bearer realm="zava-mcp", error="invalid_token", '
        f'error_description="{REFUSED["error_description"]}", {CHALLENGE}'
    )


def segment(value: Any) -> str:
    """A part of a JWT."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def hand_made(claims: dict[str, Any], secret: bytes, **header: Any) -> str:
    """A JWT signed with HMAC, whatever the library thinks of the key."""
    signed = f"{segment({'typ': 'at+jwt', **header})}.{segment(claims)}"
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), 'sha256').digest())}"


def test_forged_tokens_are_refused(tapped: Any, issuer: Provider) -> None:
    good, claims = issuer.token(), issuer.claims()
    header, _, signature = good.split(".")
    public = issuer.private["one"].public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own_jwk = jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key(), as_dict=True)

    def signed(key: Any = own, **headers: Any) -> str:
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)

    none = f"{segment({'alg': 'none', 'typ': 'at+jwt'})}.{segment(claims)}"
    forged = {
        "alg none": f"{none}.",
        "alg none with a signature": f"{none}.{signature}",
        "alg None": f"{segment({'alg': 'None'})}.{segment(claims)}.",
        "no alg": f"{segment({})}.{segment(claims)}.{signature}",
        "HS256 with the public key": hand_made(claims, pem, alg="HS256", kid="one"),
        "HS256 with the modulus": hand_made(
            claims, issuer.published[0]["n"].encode(), alg="HS256", kid="one"
        ),
        "HS256 with the empty key": hand_made(claims, b"", alg="HS256", kid="one"),
        "another key of the same name": signed(kid="one"),
        "an unknown key": signed(kid="two"),
        "a key of its own in the header": signed(jwk=own_jwk),
        "a key behind a URL in the header": signed(jku="http://evil.example/keys", kid="x"),
        "a key that is a path": signed(kid="../../../../dev/null"),
        "other claims": f"{header}.{segment(issuer.claims(sub='oauth-head'))}.{signature}",
        "another signature": f"{good[:-8]}AAAAAAAA",
        "no signature": good.rpartition(".")[0] + ".",
        "an ID token": signed(issuer.private["one"], kid="one", typ="id+jwt"),
        "a logout token": signed(issuer.private["one"], kid="one", typ="logout+jwt"),
        "an unknown critical header": signed(issuer.private["one"], kid="one", crit=["exp"], exp=1),
        "claims that are no object": f"{header}.{segment([1])}.{signature}",
        "half of a surrogate pair": issuer.token(sub="\ud800"),
        "rubbish": "a.b.c",
        "an algorithm that is a list": f"{segment({'alg': []})}.{segment(claims)}.{signature}",
        "NUL in a claim": issuer.token(name="a\0b"),
        "half of a surrogate pair in a claim": issuer.token(name=["\udc00"]),
        "NaN in a claim": issuer.token(name=float("nan")),
        "five parts": "a.b.c.d.e",
        "no part": "x",
        "a key of ours without its prefix": "0123456789abcdef_" + "0" * 64,
    }
    for what, token in forged.items():
        response = post(tapped[0], token)
        assert response.status_code == 401, what
        assert_refused(response)
    assert post(tapped[0], good).status_code == 200
    _, found, rest = tapped[1].read_text().partition("Traceback")
    assert not found, rest[:3000]


ODD: list[Any] = [None, True, 1, -1.5, "", "x", "\ud800", "a\0", [], [[1]], {}, {"a": 1}]


@bounded
async def test_a_header_or_claim_of_any_type_is_refused_or_passed_on(issuer: Provider) -> None:
    """What is signed by the issuer, and what is not, is a token or none, and never a crash."""
    checker, taken = local(issuer), list[tuple[str, Any]]()
    headers = {"alg": "RS256", "kid": "one", "typ": "at+jwt"}
    for name in ("alg", "kid", "typ", "crit", "b64", "cty", "x5c"):
        for value in ODD:
            head = segment({**headers, name: value})
            with pytest.raises((TokenError, IssuerError)):
                await checker.verify(f"{head}.{segment(issuer.claims())}.{segment(b'x')}")
    checker = local(issuer)
    signer = jwt.PyJWS()
    for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti", "scope", "scp", "groups"):
        for value in ODD:
            claims = json.dumps({**issuer.claims(), name: value}).encode()
            token = signer.encode(claims, issuer.private["one"], "RS256", headers)
            try:
                await checker.verify(token)
            except TokenError:
                continue
            taken.append((name, value))
    assert [pair for pair in taken if pair[0] in ("exp", "aud", "iss")] == []
    assert [value for name, value in taken if name == "sub"] == ["x"]
    assert [value for name, value in taken if name == "groups"] == [
        value for value in ODD if value not in ("\ud800", "a\0")
    ]


def test_a_token_without_the_scope_is_told_which(tapped: Any, issuer: Provider) -> None:
    lacking: list[dict[str, Any]] = [{"scope": "openid"}, {"scope": None}]
    lacking += [{"scope": each} for each in (1, True, {"zava.read": 1}, [["zava.read"]])]
    for changes in (*lacking, {"scope": None, "scp": []}):
        response = post(tapped[0], issuer.token(**changes))
        assert response.status_code == 403
        assert response.json()["error"] == "insufficient_scope"
        assert response.headers["www-authenticate"] == (
            'Bearer realm="zava-mcp", error="insufficient_scope", '
            f'error_description="The access token lacks an OAuth scope.", {CHALLENGE}'
        )


def test_the_log_says_why_a_token_is_refused_under_the_id_that_its_client_has(
    shim_url: str, assertion_key: str, issuer: Provider, tmp_path: Path
) -> None:
    """A subject that the issuer signed for is no guess: others at that address are not shut out."""
    settings = settings_for(issuer, assertion_key, ZAVA_BAD_TOKENS="3")
    log = tmp_path / "log"
    with another_server(shim_url, log, **settings) as (url, _):
        strangers = [post(url, issuer.token(sub=f"nobody-{each}")) for each in range(5)]
        lacking = post(url, issuer.token(scope="openid"))
        listed = post(url, issuer.token(aud="https://other.example"))
        assert post(url, issuer.token()).status_code == 200
        guesses = [post(url, f"x.{each}.y").status_code for each in range(3)]
        shut = post(url, issuer.token(jti="another"))
    assert [each.status_code for each in (*strangers, lacking, listed)] == [401] * 5 + [403, 401]
    assert guesses == [401, 401, 429]
    assert (shut.status_code, len(shut.headers["x-request-id"])) == (429, 32)
    said = {line["request_id"]: line for line in logged(log) if "access token" in line["event"]}
    assert said[strangers[4].headers["x-request-id"]]["reason"] == (
        "its subject nobody-4 is the external id of no active user, and no claim rule admits it"
    )
    assert said[lacking.headers["x-request-id"]]["reason"] == (
        "it lacks the OAuth scopes zava.read, and has openid"
    )
    found = said[listed.headers["x-request-id"]]
    assert (found["reason"], found["address"]) == (
        "InvalidAudienceError: Audience doesn't match",
        "127.0.0.1",
    )


@bounded
async def test_a_provider_that_names_audience_and_scopes_in_its_own_way(issuer: Provider) -> None:
    """As Entra does: the application's id in aud, and scopes without the URI of the API."""
    checker = local(issuer, oauth_token_audience="9c1f5e7a", oauth_scopes=["api://9c1f5e7a/read"])
    token = issuer.token(aud="9c1f5e7a", scope=None, scp="read write")
    assert (await checker.verify(token)).id == issuer.claims()["sub"]
    for changes in ({"aud": AUDIENCE, "scp": "read"}, {"aud": "9c1f5e7", "scp": "read"}):
        with pytest.raises(TokenError, match="InvalidAudienceError"):
            await checker.verify(issuer.token(scope=None, **changes))
    for scp in ("write", "api://other/read", "9c1f5e7a/read"):
        with pytest.raises(ScopeError, match="lacks the OAuth scopes api://9c1f5e7a/read, and has"):
            await checker.verify(issuer.token(aud="9c1f5e7a", scope=None, scp=scp))


def test_doctor_and_the_start_tell_of_a_provider_or_key_that_is_wrong(
    shim_url: str, assertion_key: str, issuer: Provider, tmp_path: Path
) -> None:
    good = settings_for(issuer, assertion_key)

    def lines(**changes: str) -> list[tuple[str, str]]:
        done = ended("doctor", "--json", ZAVA_DATABASE_URL=shim_url, **{**good, **changes})
        parts = ("server: identity provider", "server: assertions")
        found = [line for line in json.loads(done.stdout)["lines"] if line["part"] in parts]
        return [(line["level"], line["found"]) for line in found]

    assert lines() == [
        ("ok", f"{issuer.url} has {len(issuer.published)} keys"),
        ("ok", "the database accepts them"),
    ]
    wrong = {"ZAVA_OAUTH_ISSUER": f"{issuer.url}/", "ZAVA_ASSERTION_KEY": "0" * 64}
    assert lines(**wrong) == [
        (
            "error",
            f"ValueError: {issuer.url}/.well-known/openid-configuration is of another issuer,"
            f" {issuer.url}",
        ),
        ("error", "ZAVA_ASSERTION_KEY is not the database's key, nor the one before"),
    ]
    log = tmp_path / "log"
    events = {"cannot fetch the issuer's keys", "nobody can sign in by OAuth"}
    with another_server(shim_url, log, **{**good, **wrong}):
        until(lambda: events <= {line["event"] for line in logged(log)})


def test_without_a_token_the_client_learns_where_to_get_one(tapped: Any, issuer: Provider) -> None:
    response = post(tapped[0])
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == f'Bearer realm="zava-mcp", {CHALLENGE}'
    well_known = tapped[0].replace("/mcp", "/.well-known/oauth-protected-resource")
    for url in (well_known, f"{well_known}/mcp", f"{well_known}/zava/mcp"):
        answer = httpx2.get(url, headers={"Origin": "http://evil.example"})
        assert answer.json() == {
            "resource": AUDIENCE,
            "authorization_servers": [issuer.url],
            "bearer_methods_supported": ["header"],
            "resource_name": "zava-mcp",
            "scopes_supported": ["zava.read"],
        }
        assert answer.headers["access-control-allow-origin"] == "*"  # as for a client in a browser
        asked = {
            "Origin": "http://evil.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "mcp-protocol-version",
        }
        assert httpx2.options(url, headers=asked).status_code == 200


def test_a_token_is_taken_from_the_header_alone(tapped: Any, issuer: Provider) -> None:
    token = issuer.token()
    assert post(f"{tapped[0]}?access_token={token}").status_code == 401
    form = {"access_token": token}
    assert httpx2.post(tapped[0], data=form).status_code == 401
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert httpx2.post(tapped[0], json={}, headers=twice).status_code == 401


def test_a_server_without_oauth_passes_no_token_on(
    shim_url: str, issuer: Provider, tmp_path: Path
) -> None:
    token = issuer.token()
    with (
        wiretap(shim_url) as (url, heard),
        another_server(url, tmp_path / "log") as (mcp_url, _),
    ):
        response = post(mcp_url, token)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
        assert "resource_metadata" not in response.headers["www-authenticate"]
        paths = (
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
        )
        for path in paths:
            assert httpx2.get(mcp_url.replace("/mcp", path)).status_code == 404
        assert b"mcp.check_login" in heard
        assert token.encode() not in heard
        assert b"mcp.authenticate" not in heard


# The assertion ----------------------------------------------------------------------------------


def as_login(shim_url: str, query: LiteralString, *parameters: Any) -> Any:
    """One value from the database, as the shim's login asks for it."""
    with psycopg.connect(shim_url, autocommit=True) as connection:
        row = connection.execute(query, parameters).fetchone()
        return row[0] if row else None


def requests(heard: bytearray) -> list[tuple[str, str]]:
    """The params and the context of the calls that were sent."""
    found, sent = list[tuple[str, str]](), bytes(heard)
    for method in re.finditer(rb"\x00\x00\x00\x0atools/call", sent):
        texts, at = list[str](), method.end()
        for _ in range(2):  # each after its length
            size = int.from_bytes(sent[at : at + 4])
            # jsonb begins with its version
            texts.append(sent[at + 4 : at + 4 + size].decode().removeprefix("\x01"))
            at += 4 + size
        found.append((texts[0], texts[1]))
    return found


HANDLE: LiteralString = "select mcp.handle(%s, 'tools/call', %s, %s::jsonb)::jsonb"
BAD = "invalid credential"


@bounded
async def test_an_assertion_is_good_for_the_call_that_it_was_made_for(
    tapped: Any, shim_url: str, issuer: Provider, assertion_key: str, database: str
) -> None:
    """A reader of what the shim sends can do nothing else with it, nor later."""
    url, _, heard = tapped
    heard.clear()
    token = issuer.token()
    query = {"postgresql_query": "select count(*) from retail.orders"}
    async with connected(url, token) as client:
        seen = data(await client.call_tool("execute_sales_query", query))
        assert data(await client.call_tool("execute_sales_query", query)) == seen
        await client.list_tools()
    assert token.encode() not in heard
    assert token.split(".")[2].encode() not in heard
    found = {found.decode() for found in ASSERTION.findall(bytes(heard))}
    assert found  # of mcp.authenticate, whose ticket the reads carry
    call, _ = requests(heard)
    params, request_id = call[0], json.loads(call[1])["request_id"]

    def answer(credential: str, sent: str, context: str) -> Any:
        try:
            said = as_login(shim_url, HANDLE, credential, sent, context)
            return said["structuredContent"]
        except psycopg.errors.InvalidAuthorizationSpecification as error:
            return error.diag.message_primary

    assert {answer(assertion, *call) for assertion in found} == {BAD}
    key, now = bytes.fromhex(assertion_key), time.time()
    bound = (Subject("oauth-manager"), "execute_sales_query", params, request_id)
    good = sign(key, *bound, now)  # as the shim does where it has no ticket
    assert answer(good, *call) == seen
    for replayed in (
        ('{"name": "list_stores"}', call[1]),
        (params.replace("execute_sales_query", "list_stores"), call[1]),
        (params.replace("count(*)", "sum(total_amount)"), call[1]),
        (params + " ", call[1]),
        (params, json.dumps({"request_id": uuid.uuid4().hex})),
        (params, "{}"),
    ):
        assert answer(good, *replayed) == BAD, replayed
    for asked in ("select mcp.list_tools(%s)", "select mcp.authenticate(%s)"):
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification, match=BAD):
            as_login(shim_url, asked, good)
    # the same, signed for the past, the far future and by another key
    assert answer(sign(key, *bound, now - 60), *call) == BAD
    assert answer(sign(key, *bound, now + 60), *call) == BAD
    assert answer(sign(b"0" * 32, *bound, now), *call) == BAD
    assert (
        answer(sign(key, Subject("oauth-head"), *bound[1:], now), *call) != BAD
    )  # it is the key that binds
    # and it is nothing that a client may send
    own = sign(key, Subject("oauth-manager"), "/authenticate", "{}", "", time.time())
    assert as_login(shim_url, "select mcp.authenticate(%s) ->> 'credential_id'", own) == "oauth"
    assert_refused(post(url, own))


@bounded
async def test_an_assertion_writes_once(
    tapped: Any, shim_url: str, issuer: Provider, database: str
) -> None:
    """Two calls of a client write twice; what the shim has sent for them, sent again, nothing."""
    run_sql(
        database,
        "create table retail.test_notes (note text not null)",
        "grant select, insert on retail.test_notes to mcp_tools",
        "create function api.test_write(note text) returns bigint language sql volatile"
        " security definer set search_path = pg_catalog, pg_temp begin atomic"
        " insert into retail.test_notes (note) values (test_write.note);"
        " select count(*) from retail.test_notes; end",
        "comment on function api.test_write(text) is $$Write.\n\n@param note  A text.\n"
        "@returns How many.$$",
        "alter function api.test_write(text) owner to mcp_tools",
        "revoke all on function api.test_write(text) from public",
        "grant execute on function api.test_write(text) to mcp_core, store_managers",
        "select mcp_catalog.refresh_catalog()",
    )
    try:
        heard = tapped[2]
        async with connected(tapped[0], issuer.token()) as client:
            for count in (1, 2):
                heard.clear()
                result = await client.call_tool("test_write", {"note": "same"})
                assert data(result) == {"value": count}
        [call] = requests(heard)
        for assertion in ASSERTION.findall(bytes(heard)):
            with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification, match=BAD):
                as_login(shim_url, HANDLE, assertion.decode(), *call)
        assert ask(database, "select count(*) from retail.test_notes") == 2
        spent = {bytes(digest) for digest in column(database)}
        assert {hashlib.sha256(a).digest() for a in ASSERTION.findall(bytes(heard))} & spent
    finally:
        run_sql(
            database,
            "drop function api.test_write(text)",
            "drop table retail.test_notes",
            "select mcp_catalog.refresh_catalog()",
        )


def test_a_server_with_another_key_is_unavailable_to_everybody(
    shim_url: str, issuer: Provider, tmp_path: Path
) -> None:
    """And not to this user: nobody is told that the token is wrong."""
    log = tmp_path / "log"
    with another_server(shim_url, log, **settings_for(issuer, "0" * 64)) as (url, _):
        refused = post(url, issuer.token())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"] == "unavailable"
    [line] = [line for line in logged(log) if line["event"] == "cannot authenticate"]
    assert line["level"] == "error"
    assert "ZAVA_ASSERTION_KEY is not the database's key" in line["reason"]
    assert "0" * 64 not in log.read_text()
    assert "access token refused" not in log.read_text()


@bounded
async def test_a_clock_that_differs_is_told_from_a_subject_that_nobody_knows(
    shim_url: str, assertion_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(shim_url)
    try:
        identities = Identities(connection.fetchval, assertion_key)
        assert await identities.authenticate(Subject("nobody")) is None
        for seconds in (-60, 60):
            monkeypatch.setattr(credentials, "LIFE_SECONDS", seconds)
            with pytest.raises(UnassertedError, match="clocks"):
                await identities.authenticate(Subject("oauth-manager"))
        monkeypatch.undo()
        found = await identities.authenticate(Subject("oauth-manager"))
        assert found is not None
        assert found["credential_id"] == "oauth"
    finally:
        await connection.close()


def column(database: str) -> list[bytes]:
    """The digests of the assertions that were spent."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("select digest from mcp_auth.used_assertions").fetchall()
    return [digest for (digest,) in rows]


# The issuer's keys ------------------------------------------------------------------------------


def test_a_rotated_key_is_taken_at_once_and_the_old_one_is_not(
    shim_url: str, assertion_key: str, tmp_path: Path
) -> None:
    with (
        provider() as issuer,
        another_server(shim_url, tmp_path / "log", **settings_for(issuer, assertion_key)) as (
            url,
            _,
        ),
    ):
        old = issuer.token()
        assert post(url, old).status_code == 200
        issuer.published.clear()
        issuer.add_key("two")
        assert post(url, issuer.token("two")).status_code == 200
        assert_refused(post(url, old))


def local(issuer: Provider, **more: Any) -> Issuer:
    """What the server uses to check tokens, by itself."""
    return Issuer(
        load_settings(
            database_url="postgresql://nowhere",
            oauth_issuer=issuer.url,
            oauth_audience=AUDIENCE,
            assertion_key="0" * 64,
            **more,
        )
    )


@bounded
async def test_keys_are_fetched_once_and_unknown_ones_do_not_flood_the_issuer() -> None:
    with provider() as issuer:
        checker = local(issuer)
        good = [checker.verify(issuer.token()) for _ in range(20)]
        assert set(await asyncio.gather(*good)) == {vouched_for(issuer)}
        assert issuer.asked == [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
            "/keys",
        ]
        for number in range(3 * FETCHES):
            issuer.private[f"none-{number}"] = issuer.private["one"]
            # who may have a new key that cannot be fetched now is to try again
            is_spent = number >= FETCHES - 1
            problem = "fetched 5 times in 60 seconds" if is_spent else "no such key"
            with pytest.raises(IssuerError if is_spent else TokenError, match=problem):
                await checker.verify(issuer.token(f"none-{number}"))
        assert issuer.asked.count("/keys") == FETCHES
        assert await checker.verify(issuer.token()) == vouched_for(issuer)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@bounded
async def test_keys_for_something_else_sign_nothing() -> None:
    """A key for encryption, one for another algorithm, one that is short, one that is none."""
    with provider() as issuer:
        checker = local(issuer)
        issuer.add_key("enc", use="enc")
        issuer.add_key("ps", alg="PS256")
        short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
        issuer.add_key("short", short)
        issuer.add_key("broken", ec.generate_private_key(ec.SECP256R1()))
        issuer.published[-1]["x"] = issuer.published[-1]["y"]
        issuer.published.append({"kty": "oct", "k": "AAAA", "kid": "secret"})
        issuer.private["secret"] = issuer.private["one"]
        assert await checker.verify(issuer.token("ps", "PS256")) == vouched_for(issuer)
        for kid, algorithm, problem in (
            ("enc", "RS256", "no such key"),
            ("ps", "RS256", "no such key"),
            ("short", "RS256", "InvalidKeyError"),
            ("broken", "ES256", "Error"),
            ("secret", "RS256", "Error"),
        ):
            with pytest.raises(TokenError, match=problem):
                await checker.verify(issuer.token(kid, algorithm))


@bounded
async def test_the_address_of_the_keys_can_be_a_setting() -> None:
    with provider() as issuer:
        checker = local(issuer, oauth_jwks_url=f"{issuer.url}/keys")
        assert await checker.verify(issuer.token()) == vouched_for(issuer)
        assert issuer.asked == ["/keys"]


@bounded
async def test_nobody_waits_for_an_issuer_that_hangs_whose_key_is_known() -> None:
    with provider() as issuer:
        checker = local(issuer)
        await checker.verify(issuer.token())
        checker.fetched -= KEYS_SECONDS + 1
        async with checker.lock:  # a fetch that does not end
            assert await checker.verify(issuer.token()) == vouched_for(issuer)
            assert checker.refreshing is not None
            first = checker.refreshing
            assert await checker.verify(issuer.token()) == vouched_for(issuer)
            assert (checker.refreshing, first.done()) == (first, False)
        await first
        assert time.monotonic() - checker.fetched < KEYS_SECONDS
        assert issuer.asked.count("/keys") == 2


@bounded
async def test_keys_outlive_an_issuer_that_is_down_for_an_hour_at_most() -> None:
    with provider() as issuer:
        checker = local(issuer)
        await checker.verify(issuer.token())
        token, other = issuer.token(), issuer.token(sub="oauth-head")
    checker.fetched -= KEYS_SECONDS + 1
    assert await checker.verify(token) == vouched_for(issuer)
    assert checker.refreshing is not None
    await checker.refreshing
    assert checker.problem.startswith("ConnectError")
    checker.fetched -= STALE_SECONDS
    with pytest.raises(IssuerError, match="ConnectError"):
        await checker.verify(other)


@pytest.mark.parametrize(
    ("path", "answer", "problem"),
    [
        ("/keys", (500, b""), "HTTPStatusError"),
        ("/keys", (302, b""), "302"),
        ("/keys", (204, b""), "204"),
        ("/keys", (200, b"<html>"), "JSONDecodeError"),
        ("/keys", (200, b"[]"), "TypeError"),
        ("/keys", (200, b"{}"), "KeyError"),
        ("/keys", (200, b" " * 600_000), "longer than"),
        ("/.well-known/openid-configuration", (404, b""), "publishes no metadata"),
        (
            "/.well-known/openid-configuration",
            (200, b'{"issuer": "https://evil.example", "jwks_uri": "https://evil.example/"}'),
            "of another issuer",
        ),
        (
            "/.well-known/oauth-authorization-server",
            (200, b'{"issuer": "ISSUER", "jwks_uri": "http://evil.example/keys"}'),
            "without https",
        ),
    ],
    ids=str,
)
@bounded
async def test_an_issuer_that_answers_badly_lets_nobody_in(
    path: str, answer: tuple[int, bytes], problem: str
) -> None:
    with provider() as issuer:
        checker, (status, body) = local(issuer), answer
        issuer.answers[path] = status, body.replace(b"ISSUER", issuer.url.encode())
        with pytest.raises(IssuerError, match=problem):
            await checker.verify(issuer.token())
        issuer.answers.clear()
        assert await checker.verify(issuer.token()) == vouched_for(issuer)


def test_an_issuer_that_is_down_is_said_in_one_line(
    shim_url: str, assertion_key: str, keys: Keys, tmp_path: Path
) -> None:
    """Tokens wait, API keys do not."""
    log = tmp_path / "log"
    with provider() as issuer:
        token = issuer.token()
    with another_server(shim_url, log, **settings_for(issuer, assertion_key)) as (url, _):
        response = post(url, token)
        assert response.status_code == 503
        assert response.json() == {
            "error": "unavailable",
            "error_description": "The identity provider is unavailable, try again.",
        }
        assert post(url, keys["head_office"]).status_code == 200
        ready = httpx2.get(url.replace("/mcp", "/readyz"))
        assert (ready.status_code, ready.json()["identity_provider"]) == (200, "unhealthy")
    said = [entry for entry in logged(log) if entry["event"] == "cannot authenticate"]
    assert len(said) == 1
    assert "ConnectError" in said[0]["reason"]
    assert "Traceback" not in log.read_text()
    assert token not in log.read_text()


# Settings ---------------------------------------------------------------------------------------

COMPLETE = {
    "database_url": "postgresql://nowhere",
    "oauth_issuer": "https://login.example",
    "oauth_audience": AUDIENCE,
    "assertion_key": "0" * 64,
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"oauth_issuer": ""}, "OAuth needs ZAVA_OAUTH_ISSUER too"),
        ({"oauth_audience": ""}, "OAuth needs ZAVA_OAUTH_AUDIENCE too"),
        ({"assertion_key": ""}, "OAuth needs ZAVA_ASSERTION_KEY too"),
        (
            {"oauth_issuer": "", "oauth_audience": "", "oauth_jwks_url": "https://login.example/k"},
            "OAuth needs ZAVA_OAUTH_ISSUER and ZAVA_OAUTH_AUDIENCE too",
        ),
        (
            {"oauth_issuer": "", "oauth_audience": "", "assertion_key": "", "oauth_scopes": ["a"]},
            "OAuth needs ZAVA_OAUTH_ISSUER and ZAVA_OAUTH_AUDIENCE and ZAVA_ASSERTION_KEY too",
        ),
        ({"assertion_key": "abcdef"}, "ZAVA_ASSERTION_KEY is not 64 hexadecimal digits"),
        ({"oauth_issuer": "http://login.example"}, "ZAVA_OAUTH_ISSUER=http://login.example is not"),
        ({"oauth_issuer": "https://login.example/#x"}, "ZAVA_OAUTH_ISSUER=https://login"),
        ({"oauth_audience": "zava"}, "ZAVA_OAUTH_AUDIENCE=zava is not like https://host/path"),
        ({"oauth_jwks_url": "file:///etc/passwd"}, "ZAVA_OAUTH_JWKS_URL=file:///etc/passwd is not"),
        ({"oauth_jwks_url": "https://["}, "ZAVA_OAUTH_JWKS_URL=https://[ is not"),
    ],
    ids=str,
)
def test_half_a_configuration_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_settings(**{**COMPLETE, **changes})
    assert message in str(refused.value.message)
    assert "abcdef" not in refused.value.message


def test_and_stops_the_start(shim_url: str) -> None:
    settings = {"ZAVA_OAUTH_ISSUER": "https://login.example", "ZAVA_OAUTH_SCOPES": "a, b"}
    done = started(ZAVA_DATABASE_URL=shim_url, **settings)
    assert done.returncode == 2
    assert "OAuth needs ZAVA_OAUTH_AUDIENCE and ZAVA_ASSERTION_KEY too" in done.stderr
    assert "Traceback" not in done.stderr
