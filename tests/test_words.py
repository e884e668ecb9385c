"""make lint: misspellings, words that do not come back, long lines and broken links are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORDS = [line.partition("->")[0] for line in (ROOT / "release" / "words.txt").open()]


def run(*command: str) -> tuple[int, str]:
    """Run a program of this environment, with the settings of pyproject.toml."""
    program = [str(BIN / command[0]), *command[1:]]
    done = subprocess.run(program, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_the_repository_is_clean() -> None:
    assert run("codespell") == (0, "")
    assert run("rumdl", "check", "--no-cache", "-q", ".") == (0, "")


@pytest.mark.parametrize("word", [*WORDS, "rec" + "ieve"])
def test_a_word_that_does_not_come_back_is_found(word: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\nOne line.\nThere is {word} in this line.\n")
    code, found = run("codespell", str(page))
    assert code == 65
    assert found.startswith(f"{page}:4: {word} ==> ")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("word " * 25 + "end.", "MD013"),
        ("[a page](nothing.md)", "MD057"),
        ("[a heading](#nothing)", "MD051"),
    ],
)
def test_a_long_line_and_a_broken_link_are_found(text: str, rule: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{text}\n")
    settings = ("--config", "pyproject.toml", "--no-cache")
    code, found = run("rumdl", "check", *settings, str(page))
    assert code == 1
    assert f"[{rule}]" in found
