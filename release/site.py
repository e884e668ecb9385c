"""``make site``: docs/, README and the other pages of the root as a web site in site/.

It needs no network, neither to build nor to read. The search runs where a web server has the
pages: python -m http.server --directory site. A link or an anchor that leads nowhere fails the
build. The argument, if any, is the folder to write.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = Path(__file__).resolve().with_name("site.toml")
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "CHANGELOG.md": "CHANGELOG.md",
}
LINK = re.compile(r"(?<=\]\()([^)#:]+)(?=[)#])")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
COMMENT = re.compile(r"^ *<!-- .*? -->\n", re.MULTILINE | re.DOTALL)


def page(text: str, folder: Path) -> str:
    """Return a page whose links lead to where the site has the files; ``folder`` is its own."""

    def moved(link: re.Match[str]) -> str:
        path = (folder / link[1]).resolve().relative_to(ROOT)
        if str(path) not in ROOT_PAGES and path.parts[0] != "docs":
            sys.exit(f"{folder}: a link leads out of the site: {link[1]}")
        target = ROOT_PAGES.get(str(path)) or str(path.relative_to("docs"))
        return "../" * len(folder.relative_to(ROOT).parts[1:]) + target

    return LINK.sub(moved, COMMENT.sub("", text))


def write_pages(into: Path) -> None:
    """Write all pages into one folder: those of the root, docs/, and the schema."""
    shutil.copytree(ROOT / "docs", into, ignore=shutil.ignore_patterns("*.md"))
    for path in sorted((ROOT / "docs").rglob("*.md")):
        target = into / path.relative_to(ROOT / "docs")
        target.write_text(page(path.read_text(), path.parent))
    for name, target_name in ROOT_PAGES.items():
        (into / target_name).write_text(page((ROOT / name).read_text(), ROOT))
    schema = (ROOT / "docs" / "schema.sql").read_text()
    (into / "schema.md").write_text(f"# Schema\n\n```sql\n{schema}```\n")


def build(into: Path) -> None:
    """Build the site. Exits with what is wrong, when a link or an anchor leads nowhere."""
    with tempfile.TemporaryDirectory() as name:
        write_pages(Path(name, "docs"))
        shutil.copy(SETTINGS, Path(name, "zensical.toml"))
        command = [sys.executable, "-m", "zensical", "build", "--strict"]
        done = subprocess.run(command, cwd=name, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(COLOUR.sub("", done.stderr.partition("Traceback")[0]))
        shutil.rmtree(into, ignore_errors=True)
        shutil.move(Path(name, "site"), into)


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site"))
