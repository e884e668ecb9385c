"""The world that the attacks meet: databases of their own, a server in front of each, canaries.

``build`` makes three databases on a server: attack_real, as zava-mcp makes it; a template
taken from it; and attack_weak, which ``weaken`` makes again from the template, each time with other
locks removed. The API keys, users and rows are the same in all of them.
"""

from __future__ import annotations

import json
import re
import socket
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg

from benchmarks import citus, zava

HERE = Path(__file__).resolve().parent
COPIES = HERE / "copies"
TEMPLATE, REAL, WEAK = "attack_template", "attack_real", "attack_weak"
ORDERS = 600
REVISION = "2026-07-28"  # whose clients are asked, and bring their answers with the next call
TIME_LIMIT = 2.0  # seconds that a tool may take, so that attacks on time end soon

Json = dict[str, Any]


@dataclass(frozen=True)
class World:
    """Where the databases are, and what is in them."""

    owner: str  # URI of the superuser, in any database
    shim: str  # URI of the server's login, in any database
    keys: dict[str, str]  # API key of each caller
    facts: dict[str, str]  # what @name@ in an attack stands for
    canaries: dict[str, list[str]]  # text: the callers who may see it
    sees: dict[str, list[Any]]  # caller: orders, revenue, customers, stores


@contextmanager
def build(owner: str, shim: str, is_open: bool = False) -> Iterator[World]:
    """Make the databases on the server of two URIs, and drop them; open: without the lock-down."""
    with psycopg.connect(owner, autocommit=True) as admin:
        try:
            admin.execute(f"create database {REAL}".encode())
            state = "off" if is_open else "on"
            admin.execute(f"alter database {REAL} set mcp_migrate.lockdown = {state}".encode())
            zava.prepare(at(owner, REAL), ORDERS, "none")
            world = populated(owner, shim)
            admin.execute(f"create database {TEMPLATE} template {REAL}".encode())
            yield world
        finally:
            for name in (WEAK, TEMPLATE, REAL):
                drop(admin, name)


@contextmanager
def build_on_cluster(owner: str, url: str) -> Iterator[World]:
    """Make attack_real alone, on each node of a cluster of Citus.

    ``owner`` is the URI of a superuser of a server where the demo is made, ``url`` one of the
    coordinator's (benchmarks/citus.py).
    """
    with psycopg.connect(owner, autocommit=True) as admin:
        admin.execute(f"create database {REAL}".encode())
    zava.prepare(at(owner, REAL), ORDERS, "none")
    with citus.new_database(url, REAL) as uri:
        citus.fill(at(owner, REAL), uri)
        yield populated(url, citus.at(url, user=zava.LOGIN))


def populated(owner: str, shim: str) -> World:
    """Add canaries and callers to attack_real, which has the demo."""
    with psycopg.connect(at(owner, REAL), autocommit=True) as real:
        real.execute((HERE / "world.sql").read_bytes())
        row = real.execute("select attack.make_world()").fetchone()
        assert row is not None
        made = row[0]
        revoke(real, made["facts"])
    facts = {name: str(value) for name, value in made["facts"].items()}
    facts |= {"unsigned_token": unsigned_token(), "unsealed_state": unsealed_state()}
    return World(owner, shim, made["keys"], facts, made["canaries"], made["sees"])


def unsigned_token() -> str:
    """Return a JWT that says of itself that nobody signed it."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "head office", "exp": 99999999999})
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


def unsealed_state() -> str:
    """Return a state of questions that says that everything was agreed to, with a seal of zeros."""
    schema = {"properties": {"confirm": {"type": "boolean"}}}
    agreed = {"confirm": {"action": "accept", "content": {"confirm": True}}}
    asked = {"confirm": {"method": "elicitation/create", "schema": schema}}
    state = {"asked": asked, "answers": agreed, "until": 99999999999}
    return b64encode(json.dumps(state).encode()).decode() + "." + "0" * 64


def revoke(real: psycopg.Connection[Any], facts: Json) -> None:
    """Let a key be revoked and a user be gone."""
    key_id = facts["revoked_key"].split("_")[1]
    real.execute("select mcp_auth.revoke_api_key(%s)", [key_id])
    real.execute("update mcp_auth.users set is_active = false where name = 'Somebody who left'")


def weaken(world: World, copy: str | None = None) -> None:
    """Make attack_weak again, without the locks that ``copies/<copy>.sql`` takes out, or whole."""
    with psycopg.connect(world.owner, autocommit=True) as admin:
        drop(admin, WEAK)
        admin.execute(f"create database {WEAK} template {TEMPLATE}".encode())
    with psycopg.connect(at(world.owner, WEAK), autocommit=True) as weak:
        weak.execute("select attack.inherit_from(%s)", [REAL])
        weak.execute("set event_triggers = off")  # the catalogue would refuse what was weakened
        if copy:
            weak.execute((COPIES / f"{copy}.sql").read_bytes())


def drop(admin: psycopg.Connection[Any], name: str) -> None:
    """Drop a database; what fills memory in it does not hear at once that it is to end."""
    for _ in range(10):
        with suppress(psycopg.errors.ObjectInUse):  # after the 5 seconds that PostgreSQL waits
            admin.execute(f"drop database if exists {name} with (force)".encode())
            return
    raise AssertionError(f"{name} is still in use")


def at(uri: str, name: str) -> str:
    """Return the URI of another database on the same server."""
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


# The server -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back: "own" for a result, else what it was refused with."""

    outcome: str
    text: str  # all of it, as it came
    content: Any = None  # the structured content of a result
    said: str = ""  # its texts for people and models, without line ends


@contextmanager
def serving(world: World, database: str, log: Path, **settings: str) -> Iterator[httpx2.Client]:
    """Serve a database and give a client of it, which sends no credential by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "ZAVA_POOL_MIN": "1",
        "ZAVA_POOL_MAX": "1",
        "ZAVA_COMMAND_TIMEOUT": str(TIME_LIMIT),
        "ZAVA_BAD_TOKENS": "1000000",  # each bad credential is to be refused for itself
        "ZAVA_EMBEDDER": "none",
        "ZAVA_MAINTAIN_SECONDS": "0",  # a new partition of the log is no attack's
        **settings,
    }
    with (
        zava.serving(at(world.shim, database), "127.0.0.1", port, log, **settings),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


def message(tool: str, arguments: Json) -> str:
    """Return the body of a tools/call."""
    params = {"name": tool, "arguments": arguments}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


def answering(tool: str, arguments: Json, answers: Any, state: Any) -> str:
    """Return the body of a tools/call of a client that can be asked, with its answers and state."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
    }
    params = {"name": tool, "arguments": arguments, "inputResponses": answers, "_meta": meta}
    if state is not None:
        params["requestState"] = state
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


def send(client: httpx2.Client, credential: str, body: str | bytes) -> Answer:
    """Post a message with a credential; "" sends none."""
    return read(client.send(request(client, credential, body)))


def request(
    client: httpx2.Client | httpx2.AsyncClient, credential: str, body: str | bytes
) -> httpx2.Request:
    """Make the request for a message."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if credential:
        headers["Authorization"] = f"Bearer {credential}"
    asks = body if isinstance(body, str) and '"inputResponses"' in body else "{}"
    with suppress(ValueError):
        if name := json.loads(asks).get("params", {}).get("name"):
            headers |= {
                "MCP-Protocol-Version": REVISION,
                "Mcp-Method": "tools/call",
                "Mcp-Name": name,
            }
    return client.build_request("POST", "/mcp", content=body, headers=headers)


def read(response: httpx2.Response) -> Answer:  # noqa: PLR0911 -- a table of outcomes
    """Say what a response is."""
    text = response.text
    if response.status_code == 401 or response.status_code >= 500:
        return Answer("unauthorized" if response.status_code == 401 else "server_error", text)
    try:
        answer = response.json()
    except ValueError:
        return Answer("invalid_request", text)
    if "result" not in answer:
        error = answer.get("error", {})
        unknown = error.get("message", "").startswith("Unknown tool")
        return Answer("unknown_tool" if unknown else "invalid_request", text, said=texts(error))
    if answer["result"].get("resultType") == "input_required":
        asked = answer["result"]
        return Answer("asked", text, asked["requestState"], texts(asked["inputRequests"]))
    if "content" not in answer["result"]:  # of another method than tools/call
        return Answer("own", text, answer["result"], texts(answer["result"]))
    said = answer["result"]["content"][0]["text"]
    if answer["result"].get("isError"):
        return Answer(json.loads(said)["code"], text, said=said)
    return Answer("own", text, answer["result"]["structuredContent"], said)


def texts(value: Any) -> str:
    """Return all texts of a JSON value, without line ends and tabs."""
    match value:
        case str():
            return value.translate({ord("\n"): " ", ord("\t"): " "})
        case dict():
            return " ".join(map(texts, [*value, *value.values()]))
        case list():
            return " ".join(map(texts, value))
        case _:
            return ""


def last_value(answer: Answer) -> str:
    """Return the last value of the first row as text, or the state of an answer that asks."""
    if answer.outcome == "asked":
        return str(answer.content)
    rows = (answer.content or {}).get("rows") or [[None]]
    row = list(rows[0].values()) if isinstance(rows[0], dict) else rows[0]
    return str(row[-1]) if row and row[-1] is not None else ""


# Attacks as they are written ---------------------------------------------------------------------


def fill(text: str, facts: dict[str, str]) -> str:
    """Put in what @name@ stands for, and repeat what follows @<count> x."""
    named = re.sub(r"@([a-z_]+)@", lambda found: facts.get(found[1], found[0]), text)
    return re.sub(
        r"@(\d+) x (.+?)@", lambda found: found[2] * int(found[1]), named, flags=re.DOTALL
    )


def filled(value: Any, facts: dict[str, str]) -> Any:
    """Fill every text of a JSON value."""
    match value:
        case str():
            return fill(value, facts)
        case dict():
            return {filled(key, facts): filled(item, facts) for key, item in value.items()}
        case list():
            return [filled(item, facts) for item in value]
        case _:
            return value
