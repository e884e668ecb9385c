"""Sixty questions with the products a shopper would accept: how well each way of searching ranks.

tests/judged/questions.csv was written from the catalogue's names and descriptions alone, before any
ranking was seen. The measure is nDCG@5: 1 when acceptable products take all first places.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from benchmarks import zava
from zava_mcp.embeddings import load_embedder

QUESTIONS = Path(__file__).parent / "judged" / "questions.csv"
PLACES = 5
FIND = """
select m.sku
from unnest(
    (retail.find_products(%s, %s::ext.vector, %s, null, null, %s)).rows
) with ordinality as m
order by m.ordinality
"""
Judged = dict[str, frozenset[str]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    with QUESTIONS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["question"]: frozenset(row["acceptable"].split()) for row in rows}


@pytest.fixture(scope="module")
def scores(database: str, keys: dict[str, Any], judged: Judged) -> dict[str, float]:
    """Return the mean nDCG@5 of each mode."""
    embedder = load_embedder()
    assert embedder is not None
    vectors = dict(zip(judged, embedder.embed(list(judged)), strict=True))
    with psycopg.connect(database) as connection:
        connection.execute("select mcp_auth.begin_request(%s)", [keys["head_office"]])

        def ranked(words: str | None, vector: Sequence[float] | None) -> list[str]:
            parameters = [words, vector and str(vector), embedder.model, PLACES]
            return [sku for (sku,) in connection.execute(FIND, parameters).fetchall()]

        found = {
            "vector": {question: ranked(None, vectors[question]) for question in judged},
            "text": {question: ranked(question, None) for question in judged},
            "hybrid": {question: ranked(question, vectors[question]) for question in judged},
        }
    return {
        mode: sum(ndcg(skus, judged[question]) for question, skus in rankings.items()) / len(judged)
        for mode, rankings in found.items()
    }


def ndcg(ranking: Sequence[str], acceptable: frozenset[str]) -> float:
    """Give nDCG at PLACES, every acceptable product being as good as another."""
    gains = [1 / math.log2(place + 2) for place in range(PLACES)]
    found = sum(gain for gain, sku in zip(gains, ranking, strict=False) if sku in acceptable)
    return found / sum(gains[: len(acceptable)])


def test_measure() -> None:
    assert ndcg(["a", "b", "c"], frozenset("ab")) == 1
    assert ndcg(["c", "a"], frozenset("a")) == pytest.approx(1 / math.log2(3))
    assert ndcg(["c", "d", "e", "f", "g", "a"], frozenset("a")) == 0
    assert ndcg([], frozenset("a")) == 0


def test_judgments_are_of_the_catalogue(judged: Judged) -> None:
    with (zava.ROOT / "sql" / "demo" / "products.csv").open(encoding="utf-8") as file:
        skus = {row["sku"] for row in csv.DictReader(file)}
    assert len(judged) == 60
    assert all(judged.values())
    assert frozenset().union(*judged.values()) <= skus


def test_hybrid_ranks_best(scores: dict[str, float]) -> None:
    assert scores["hybrid"] > 1.04 * max(scores["vector"], scores["text"]), scores


def test_the_document_says_how_well(scores: dict[str, float]) -> None:
    document = (zava.ROOT / "docs" / "search.md").read_text(encoding="utf-8")
    for mode, score in scores.items():
        assert f"| {mode} | {score:.2f} |" in document
