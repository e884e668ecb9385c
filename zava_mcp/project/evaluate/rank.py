"""Rank tools for a question by their words, by their meaning and by both, from tools/list alone."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from zava_mcp.embeddings import Embedder
from zava_mcp.migrate.ledger import UNAVAILABLE, Failure

Tool = dict[str, Any]
Scores = list[float]  # one a tool
Ranker = Callable[[str], Scores]

# words of questions that say nothing of what is asked
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a about am an and any anything are as at be been but by can could did do does "
        "doing for from get give had has have he her him his how i if in into is it its "
        "just let like may me my no not of on or our over please see shall she should show "
        "so some tell than that the their them then there these they this to us very want "
        "was we were what which why will with would you your",
    )
)
# Passages of a tool that count for its meaning: the nearest alone is too easily a chance.
NEAREST = 8
BEST = 0.5  # the part that the nearest of them has; the rest is the mean of all
WORDS = 1.5  # how much words count beside meaning, both scaled


def passages(tools: Sequence[Tool]) -> list[list[str]]:
    """Return the passages of each tool that say what it is for.

    These are its name and title, and each sentence of its description, but not those that name
    another tool, which say what it is not for.
    """
    names = [tool["name"] for tool in tools]
    found = list[list[str]]()
    for tool in tools:
        others = [name for name in names if name != tool["name"]]
        title = tool.get("title") or ""
        sentences = [
            sentence
            for sentence in re.split(r"(?<=[.?!:])\s+|\n+", tool.get("description") or "")
            if sentence
            and sentence != "Examples:"
            and not any(re.search(rf"\b{re.escape(name)}\b", sentence) for name in others)
        ]
        head = f"{tool['name'].replace('_', ' ')}. {title}"
        found.append([head, ". ".join([title, *sentences[:2]]), *sentences])
    return found


def by_words(tools: Sequence[Tool]) -> Ranker:
    """Rank by BM25 over the passages of each tool, their words stemmed."""
    try:
        import bm25s
        import Stemmer
    except ImportError as error:
        hint = "install it with pip install 'zava-mcp[eval]'"
        raise Failure(f"{error}: {hint}", UNAVAILABLE) from error
    stemmer = Stemmer.Stemmer("english")

    def words(texts: Iterable[str]) -> list[str]:
        split = re.findall(r"[^\W_]+", " ".join(texts).lower())
        return [stemmer.stemWord(word) for word in split if word not in STOP_WORDS]

    index = bm25s.BM25(k1=1.2, b=0.5)
    index.index(
        [
            words([tool["name"], tool.get("title") or "", *texts[:1], *texts[2:]])
            for tool, texts in zip(tools, passages(tools), strict=True)
        ],
        show_progress=False,
    )

    def scores(question: str) -> Scores:
        asked = words([question])
        return index.get_scores(asked).tolist() if asked else [0.0] * len(tools)

    return scores


def by_meaning(tools: Sequence[Tool], embedder: Embedder) -> Ranker:
    """Rank by the cosines between the question and the nearest passages of each tool."""
    import numpy as np

    texts = passages(tools)
    vectors = np.array(embedder.embed([text for each in texts for text in each]))
    ends = list(itertools.accumulate(map(len, texts)))

    def scores(question: str) -> Scores:
        cosines = vectors @ np.array(embedder.embed([question])[0])
        found = list[float]()
        for near in np.split(cosines, ends[:-1]):
            nearest = np.sort(near)[::-1][:NEAREST]
            found.append(float(BEST * nearest[0] + (1 - BEST) * nearest.mean()))
        return found

    return scores


def by_both(words: Ranker, meaning: Ranker) -> Ranker:
    """Rank by both: words by their share of the best, meaning by its distance from the mean."""

    def scores(question: str) -> Scores:
        first, second = words(question), meaning(question)
        best = max(first) or 1.0
        mean = sum(second) / len(second)
        spread = (sum((each - mean) ** 2 for each in second) / len(second)) ** 0.5 or 1.0
        return [
            WORDS * one / best + (two - mean) / spread
            for one, two in zip(first, second, strict=True)
        ]

    return scores


def first(tools: Sequence[Tool], scores: Scores, count: int) -> list[str]:
    """Return the names of the best tools, the best first; equal ones in the order of the list."""
    order = sorted(range(len(tools)), key=lambda position: -scores[position])
    return [tools[position]["name"] for position in order[:count]]


def as_sent(tool: Tool) -> str:
    """Return a tool as it goes over the wire."""
    return json.dumps(tool, ensure_ascii=False, separators=(",", ":"))
