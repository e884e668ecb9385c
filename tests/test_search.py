"""Product search as clients meet it: with endpoints that answer well, badly, late or not at all."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest
from endpoint import Endpoint, Raw, serving, vectors_for, vectors_of
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from benchmarks import zava
from zava_mcp.embeddings import load_embedder

SEARCH = "search_products_by_description"


class Search(NamedTuple):
    """A server whose embeddings come from an endpoint of ours."""

    url: str
    endpoint: Endpoint
    well: Callable[[dict[str, Any]], tuple[int, Any]]  # how the endpoint answers at its best


@pytest.fixture
def search(database: str, shim_url: str, embedder: str) -> Iterator[Search]:
    model = load_embedder("local")
    assert model is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving() as endpoint:
        well = endpoint.answer = vectors_of(model)
        settings = {
            "ZAVA_EMBEDDER": "openai",
            "ZAVA_EMBEDDING_BASE_URL": endpoint.url,
            "ZAVA_EMBEDDING_MODEL": model.model,
        }
        with zava.serving(shim_url, "127.0.0.1", port, None, **settings):
            yield Search(f"http://127.0.0.1:{port}/mcp", endpoint, well)


def ask(search: Search, key: str, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Call tools at the same time; give their answers."""

    async def talk() -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            asyncio.timeout(60),
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(search.url, http_client=http)) as client,
        ):
            results = await asyncio.gather(*(client.call_tool(*call) for call in calls))
        for result in results:
            assert not result.is_error, result.content
        return [result.structured_content for result in results]

    return asyncio.run(talk())


def found(search: Search, key: str, query: str, **arguments: Any) -> tuple[str, list[str]]:
    """Search; give the mode and the SKUs."""
    [answer] = ask(search, key, (SEARCH, {"query": query, **arguments}))
    assert answer["row_count"] == len(answer["rows"])
    return answer["mode"], [row["sku"] for row in answer["rows"]]


def test_questions_are_answered_by_meaning_and_by_words(
    search: Search, keys: dict[str, Any]
) -> None:
    key = keys["head_office"]
    mode, skus = found(search, key, "keep my deck from rotting", max_results=5)
    assert mode == "hybrid"
    assert set(skus) & {"PFST001", "PFST002", "PFST003", "LBDK003"}
    assert found(search, key, "what about eloW001?", max_results=1) == ("hybrid", ["ELOW001"])
    assert found(search, key, "Claw hammer", category="garden & outdoor", price_max=1)[1] == []
    asked = len(search.endpoint.asked)
    assert found(search, key, "keep my deck from rotting", max_results=5) == (mode, skus)
    assert len(search.endpoint.asked) == asked, "the vector of a query is remembered"


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("of the and", "vector"),  # stop words alone
        ("ein Hammer für Nägel", "hybrid"),  # one word is the same
        ("釘を打つ道具", "vector"),
        ("'; drop table retail.products; --", "hybrid"),
    ],
)
def test_odd_questions_are_questions(
    search: Search, keys: dict[str, Any], query: str, mode: str
) -> None:
    assert found(search, keys["head_office"], query)[0] == mode


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"data": [{"index": 0, "embedding": [float("nan")] * 384}]}),
        (200, {"data": [{"index": 0, "embedding": [0.0] * 384}]}),
        (200, vectors_for(["one"], 1537)),
        (200, Raw(b"<html>Bad gateway</html>")),
        (200, {"data": []}),
        (429, {"error": {"message": "slow down"}}),
        (500, {}),
        (0, None),  # hangs up
    ],
    ids=["nan", "zeros", "too wide", "html", "empty", "429", "500", "nothing"],
)
def test_words_answer_where_an_endpoint_does_not(
    search: Search, keys: dict[str, Any], answer: tuple[int, Any]
) -> None:
    search.endpoint.answer = lambda _: answer
    search.endpoint.headers = {"Retry-After": "0.01"}
    mode, skus = found(search, keys["head_office"], "waterproof wire connectors", max_results=3)
    assert mode == "text"
    assert "ELOW001" in skus


def test_an_endpoint_that_failed_is_left_alone(search: Search, keys: dict[str, Any]) -> None:
    search.endpoint.answer = lambda _: (500, {})
    search.endpoint.headers = {"Retry-After": "0.01"}
    for query in ("hose", "rake", "spade"):
        assert found(search, keys["head_office"], query)[0] == "text"
    assert {request["input"][0] for request in search.endpoint.asked} == {"hose"}


def test_other_calls_go_on_while_an_endpoint_thinks(search: Search, keys: dict[str, Any]) -> None:
    came = threading.Event()

    def late(asked: dict[str, Any]) -> tuple[int, Any]:
        came.wait(30)
        return search.well(asked)

    search.endpoint.answer = late

    async def talk() -> tuple[Any, Any]:
        headers = {"Authorization": f"Bearer {keys['head_office']}"}
        async with (
            asyncio.timeout(60),
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(search.url, http_client=http)) as client,
        ):
            searching = asyncio.create_task(client.call_tool(SEARCH, {"query": "garden hose"}))
            other = await client.call_tool("get_current_utc_date", {})
            assert not searching.done(), "it waits for the endpoint"
            came.set()
            return other, await searching

    other, answer = asyncio.run(talk())
    assert not other.is_error
    assert answer.structured_content["mode"] == "hybrid"
