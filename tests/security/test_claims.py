"""Each promise of SECURITY.md and docs/ that claims.toml lists stands there, and has its proof."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from attacks import load

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = tomllib.loads(Path(__file__).with_name("claims.toml").read_text())["claim"]
CATEGORIES = {category.name for category in load()}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["text"][:50] for claim in CLAIMS])
def test_a_promise_has_a_proof(claim: dict[str, str]) -> None:
    assert claim["text"] in " ".join((ROOT / claim["file"]).read_text().split())
    assert claim["proof"]
    for proof in claim["proof"]:
        place, _, name = proof.partition("::")
        kind, _, category = place.partition(".")
        if kind == "attacks":
            assert category in CATEGORIES
            continue
        text = (ROOT / place).read_text()
        assert not name or re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), proof
