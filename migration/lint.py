"""What the linters say about sql/: sqlfluff about every file, squawk about the versioned ones."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from migration.files import Tree
from migration.state import UNAVAILABLE, Failure

INSTALL = "is missing: pip install 'zava-mcp[dev]'"


class Finding(NamedTuple):
    """Where, which rule, and what to change; line 0 where there is none."""

    file: str
    line: int
    rule: str
    message: str

    def place(self) -> str:
        """Give file and line, as editors and terminals understand it."""
        return f"{self.file}:{self.line}" if self.line else self.file


def sqlfluff(root: Path) -> list[Finding]:
    """Lint every file under ``root``, by the pyproject.toml beside it or else beside migrate.py."""
    if importlib.util.find_spec("sqlfluff") is None:
        raise Failure(f"sqlfluff {INSTALL}", UNAVAILABLE)
    config = setting_file(root, "pyproject.toml")
    command = [sys.executable, "-m", "sqlfluff", "lint", "--config", str(config)]
    files = run([*command, "--processes", "0", "--format", "json", str(root)])
    findings = [
        Finding(
            os.path.relpath(file["filepath"]),
            violation["start_line_no"],
            f"sqlfluff {violation['code']} {violation['name']}".strip(),
            violation["description"],
        )
        for file in files
        for violation in file["violations"]
    ]
    linted = {Path(file["filepath"]) for file in files}
    skipped = "it skips files of more than 20000 bytes: one object, one file"
    return findings + [
        Finding(os.path.relpath(path), 0, "sqlfluff", skipped)
        for path in sorted(root.rglob("*.sql"))
        if path not in linted
    ]


def squawk(tree: Tree) -> list[Finding]:
    """Lint the versioned files, those that run in a transaction as such; a rollback has to drop."""
    program = Path(sys.executable).with_name("squawk")
    found = str(program) if program.exists() else shutil.which("squawk")
    if not found:
        raise Failure(f"squawk {INSTALL}", UNAVAILABLE)
    config = setting_file(tree.root, ".squawk.toml")
    findings = []
    for flag in ("--assume-in-transaction", "--no-assume-in-transaction"):
        files = [
            str(tree.root / file.path)
            for file in tree.versioned.values()
            if file.is_transactional == (flag == "--assume-in-transaction")
        ]
        command = [found, "--config", str(config), "--reporter", "json", flag, *files]
        findings += run(command) if files else []
    return [
        Finding(
            os.path.relpath(finding["file"]),
            finding["line"] + 1,
            f"squawk {finding['rule_name']}",
            finding["message"],
        )
        for finding in findings
    ]


def setting_file(root: Path, name: str) -> Path:
    """Find a linter's settings: beside sql/, or else beside migrate.py."""
    beside = root.parent / name
    return beside if beside.exists() else Path(__file__).resolve().parents[1] / name


def run(command: Sequence[str]) -> list[dict[str, Any]]:
    """Run a linter that prints a JSON array; raises Failure when it could not do its work."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        said = (done.stderr or done.stdout).strip()
        raise Failure(f"{' '.join(command[:3])} failed ({done.returncode}):\n{said}") from None
    return found
