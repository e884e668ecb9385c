"""``make pages``: build what people look at, zava_mcp/pages/source, into zava_mcp/pages/built.

Node.js and npm are needed for this alone: the wheel holds the result, and a server without it
serves no page. ``--optional`` says so in one line where they are missing, and is no failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PAGES = Path(__file__).resolve().parents[1] / "zava_mcp" / "pages"
SOURCE, BUILT = PAGES / "source", PAGES / "built"
NAMES = ("app.html", "workbench.html", "workbench.css", "workbench.js")
PACKAGES = Path(sys.prefix, "share", "pages")  # what the build needs from npm
OPTIONS = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")


def is_built() -> bool:
    """Return whether all pages are there, and none is older than a source."""
    pages = [BUILT / name for name in NAMES]
    if not all(page.exists() for page in pages):
        return False
    newest = max(path.stat().st_mtime for path in SOURCE.iterdir())
    return min(page.stat().st_mtime for page in pages) >= newest


def build() -> None:
    """Build the pages. Raises OSError with the reason where that fails."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise OSError("npm is missing")
    PACKAGES.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE / "package.json", PACKAGES)
    run(npm, "install", *OPTIONS, "--prefix", str(PACKAGES))
    modules = str(PACKAGES / "node_modules")
    run(node, str(SOURCE / "build.cjs"), NODE_PATH=modules)


def run(*command: str, **variables: str) -> None:
    """Run a program; raise OSError with the end of its output when it fails."""
    environment = {**os.environ, **variables}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise OSError(": ".join([f"{Path(command[0]).name} failed", *lines]))


def main() -> int:
    """Build the pages where they are missing or old; return the exit code."""
    is_optional = "--optional" in sys.argv[1:]
    try:
        if not is_built():
            build()
    except OSError as error:
        end = "serving without it" if is_optional else "install Node.js and npm"
        print(f"The workbench at / is not built, {error}: {end}", file=sys.stderr)
        return 0 if is_optional else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
