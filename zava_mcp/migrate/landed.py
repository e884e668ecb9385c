"""Versioned files that have landed: a release has brought them to databases, so nobody edits them.

LIST, beside the files, has the hash and the name of each. A tree without LIST does not follow the
rule. Where git has the tag of a release, its files are compared too: that finds an edit of a file
together with its line in LIST, and a release that was not listed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from zava_mcp.config import Source
from zava_mcp.migrate.files import NUMBERED, Tree, sql_file
from zava_mcp.migrate.lint import Finding

LIST = "landed.sha256"
RELEASES = "v[0-9]*"  # what their tags are called
LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
HEAD = """\
# Versioned files that have landed: a release has brought them to databases. zava-mcp migrate
# lint fails when one is edited or missing. A file that is not listed may still be edited.
# Before its tag, a release adds its files by: zava-mcp migrate land
"""


def landed(tree: Tree) -> list[Finding]:
    """Return landed files that were edited or are missing, and files that LIST does not have."""
    found = []
    for source in tree.sources:
        path = source.root / LIST
        if not path.exists():
            continue
        listed, _ = read_list(path)
        release, released = newest_release(source.root)
        found += edits(tree, source) + [
            Finding(
                os.path.relpath(path),
                0,
                "landed",
                f"lacks {name} of {release}: zava-mcp migrate land",
            )
            for name in released
            if name not in listed
        ]
    return found


def edits(tree: Tree, source: Source) -> list[Finding]:
    """Return landed files that were edited or are missing, and malformed lines of LIST."""
    listed, unread = read_list(source.root / LIST)
    release, released = newest_release(source.root)
    return unread + changed(tree, source, listed, LIST) + changed(tree, source, released, release)


def changed(tree: Tree, source: Source, files: dict[str, str], listed_in: str) -> list[Finding]:
    """Compare files, {name: SHA-256}, with those of a tree."""
    now = {file.path: file.sha256 for file in tree.versioned.values() if file.tree == source.name}
    return [
        Finding(
            os.path.relpath(source.root / name),
            0,
            "landed",
            f"{'edited' if name in now else 'missing'}, but landed according to {listed_in}: "
            "put it back, and write a new file for the change",
        )
        for name, sha256 in files.items()
        if now.get(name) != sha256
    ]


def read_list(path: Path) -> tuple[dict[str, str], list[Finding]]:
    """Read LIST, empty when there is none: {name: SHA-256}, and the lines that cannot be read."""
    files, found = dict[str, str](), list[Finding]()
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := LINE.fullmatch(line):
            files[match[2]] = match[1]
        elif line and not line.startswith("#"):
            wrong = "not a SHA-256, two blanks and the name of a file"
            found.append(Finding(os.path.relpath(path), number, "landed", wrong))
    return files, found


def write_list(tree: Tree, source: Source) -> list[str]:
    """Write all versioned files of a tree to LIST. Return the names of the new ones."""
    path = source.root / LIST
    known, _ = read_list(path)
    files = sorted(
        (file.path, file.sha256) for file in tree.versioned.values() if file.tree == source.name
    )
    path.write_text(HEAD + "".join(f"{sha256}  {name}\n" for name, sha256 in files))
    return [name for name, _ in files if name not in known]


def newest_release(root: Path) -> tuple[str, dict[str, str]]:
    """Name the newest release before the commit that is checked out, with its files under root.

    Both are empty without git, without a repository, and before the first release.
    """
    if shutil.which("git") is None:
        return "", {}
    tag = git(root, "describe", "--tags", "--abbrev=0", "--match", RELEASES).decode().strip()
    names = git(root, "ls-tree", "--name-only", tag, "./").decode().split() if tag else []
    return tag, {
        name: sql_file(Source("", root), name, git(root, "show", f"{tag}:./{name}")).sha256
        for name in names
        if NUMBERED.fullmatch(name) and not name.endswith(".rollback.sql")
    }


def git(root: Path, *arguments: str) -> bytes:
    """Run git in a folder of any owner; return what it printed, nothing when it failed."""
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, check=False).stdout
