"""The documents say what is: the tool reference, and the files that the README names."""

import re
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent


def test_tool_reference_is_made_from_the_comments(database: str) -> None:
    with psycopg.connect(database) as conn:
        row = conn.execute("select mcp.tool_reference()").fetchone()
    assert row is not None
    assert (ROOT / "docs" / "tools.md").read_text() == row[0] + "\n", "run make docs"


def test_readme_names_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert "docs/tools.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
