"""Skills as clients meet them: the extension io.modelcontextprotocol/skills, over HTTP."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx2
import pytest
from test_server import MODERN, Keys

SKILLS = "io.modelcontextprotocol/skills"
WEAK, CHANGE = "skill://find-weak-branches/SKILL.md", "skill://explain-sales-change/SKILL.md"
Json = dict[str, Any]


@pytest.fixture
def manager(keys: Keys) -> str:
    return str(keys["stores"]["Zava Retail Seattle"])


def send(url: str, key: str, revision: str, method: str, headers: Json, **params: Any) -> Json:
    """Send a request as a plain message; return the whole response."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": revision,
        **headers,
    }
    if revision == MODERN:
        headers |= {"Mcp-Method": method}
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    found: Json = httpx2.post(url, json=message, headers=headers, timeout=30).json()
    return found


def test_the_extension_is_announced(http_server: str, keys: Keys) -> None:
    """As the tasks are, from 2026-07-28 on."""
    found = send(http_server, keys["head_office"], MODERN, "server/discover", {})
    assert found["result"]["capabilities"]["extensions"][SKILLS] == {}


@pytest.mark.parametrize("revision", [MODERN, "2025-11-25"])
def test_a_skill_is_listed_got_and_read(http_server: str, keys: Keys, revision: str) -> None:
    """The digest is that of the bytes which a client reads, its front matter the entry's."""
    key = keys["head_office"]
    listed = send(http_server, key, revision, "skills/list", {})["result"]
    assert [each["uri"] for each in listed["skills"]] == [CHANGE, WEAK]
    for entry in listed["skills"]:
        uri = entry["uri"]
        got = send(http_server, key, revision, "skills/get", {}, uri=uri)["result"]
        assert got["skill"] == entry
        read = send(http_server, key, revision, "resources/read", {"Mcp-Name": uri}, uri=uri)
        [content] = read["result"]["contents"]
        assert (content["uri"], content["mimeType"]) == (uri, "text/markdown")
        data = content["text"].encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert entry["resources"] == [{"uri": uri, "digest": digest, "size": len(data)}]
        _, front, text = content["text"].split("---\n", 2)
        pairs = [line.split(": ", 1) for line in front.splitlines()]
        told = {name: json.loads(value) if value[0] == '"' else value for name, value in pairs}
        assert told == entry["frontmatter"]
        assert uri == f"skill://{told['name']}/SKILL.md"
        assert text.startswith("\n# ")
        if revision == MODERN:
            for result in (listed, got):
                assert result["resultType"] == "complete"
                assert (result["ttlMs"], result["cacheScope"]) == (60_000, "private")


@pytest.mark.parametrize("revision", [MODERN, "2025-11-25"])
def test_a_skill_that_names_what_a_caller_may_not_call_is_not_there(
    http_server: str, keys: Keys, manager: str, revision: str
) -> None:
    listed = send(http_server, manager, revision, "skills/list", {})["result"]["skills"]
    assert [each["uri"] for each in listed] == [CHANGE]
    hidden, unknown = (
        send(http_server, manager, revision, "skills/get", {}, uri=uri)["error"]
        for uri in (WEAK, "skill://no/SKILL.md")
    )
    assert (hidden["code"], hidden["message"]) == (-32602, f"Unknown skill: {WEAK}")
    assert (unknown["code"], unknown["message"]) == (-32602, "Unknown skill: skill://no/SKILL.md")
    read = send(http_server, manager, revision, "resources/read", {"Mcp-Name": WEAK}, uri=WEAK)
    assert read["error"]["message"] == f"Unknown resource: {WEAK}"
    # which exists
    assert "result" in send(http_server, keys["head_office"], revision, "skills/get", {}, uri=WEAK)


def test_what_is_no_request_for_a_skill_is_refused(http_server: str, keys: Keys) -> None:
    key = keys["head_office"]
    for params in ({}, {"uri": 1}, {"uri": None}):
        error = send(http_server, key, MODERN, "skills/get", {}, **params)["error"]
        assert error["code"] == -32602
    error = send(http_server, key, MODERN, "skills/list", {}, cursor="x")["error"]
    assert (error["code"], error["message"]) == (-32602, "Unknown cursor: start the list again.")
    refused = httpx2.post(http_server, json={"jsonrpc": "2.0", "id": 1, "method": "skills/list"})
    assert refused.status_code == 401
