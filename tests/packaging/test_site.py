"""make site: the pages as a web site, which needs no network, and refuses a broken link."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(
    r"""(?:<script|<link|<img|<iframe)[^>]*(?:src|href)=["']?(?:https?:)?//[^>]*>"""
)


def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    into = tmp_path / "site"
    command = [sys.executable, str(ROOT / "release" / "site.py"), str(into)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {str(path.relative_to(into)): path.read_text() for path in into.rglob("*.html")}
    documents = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert {f"{name}.html" for name in documents | {"index", "schema", "SECURITY"}} <= set(pages)
    assert [(name, found) for name, text in pages.items() for found in LOADED.findall(text)] == []
    assert (into / "search.json").is_file()
    tabs = re.findall(r'md-tabs__link">\s*([\w ]+?)\s*<', pages["index.html"])
    assert tabs == ["Start", "Adopt", "Write tools", "Operate", "Secure", "Reference"]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("nothing.md", "page does not exist"),
        ("adopt.md#no-such-heading", "anchor does not exist"),
        ("../tests/needs.py", "a link leads out of the site: ../tests/needs.py"),
    ],
)
def test_a_link_that_leads_nowhere_fails(link: str, message: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "release").mkdir(parents=True)
    for name in ("docs", "release/site.toml", "release/site.py"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(copy / name)], check=True)
    for path in ROOT.glob("*.md"):
        (copy / path.name).write_text(path.read_text())
    with (copy / "docs" / "eval.md").open("a") as page:
        page.write(f"\n[a link]({link})\n")
    command = [sys.executable, str(copy / "release" / "site.py"), str(tmp_path / "site")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site").exists()
