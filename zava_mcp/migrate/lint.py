"""The linters: sqlfluff for every SQL file, squawk for the versioned ones."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zava_mcp.migrate.files import Tree, files_in
from zava_mcp.migrate.ledger import UNAVAILABLE, Failure

SETTINGS = Path(__file__).resolve().parent / "settings"
INSTALL = "is missing: pip install 'zava-mcp[lint]'"
PROBLEM = re.compile(r"(.+?\.sql)(?::(\d+))?: (.*)", re.DOTALL)  # file:line: message


class Finding(NamedTuple):
    """The place, the rule and the remedy. Line 0 means no line."""

    file: str
    line: int
    rule: str
    message: str

    @classmethod
    def of_rule(cls, problem: str) -> Finding:
        """Take place and message apart of what the rules of apply say of a file."""
        match = PROBLEM.fullmatch(problem)
        file, line, message = match.groups() if match else ("", None, problem)
        return cls(file, int(line or 0), "file rules", message)

    def place(self) -> str:
        """Return file and line in the form of editors and terminals."""
        return f"{self.file}:{self.line}" if self.line else self.file


def sqlfluff(project: Path, roots: Sequence[Path]) -> list[Finding]:
    """Lint every file under ``roots``, by the project's pyproject.toml or else by our settings."""
    if importlib.util.find_spec("sqlfluff") is None:
        raise Failure(f"sqlfluff {INSTALL}", UNAVAILABLE)
    own = project / "pyproject.toml"
    has_own = own.exists() and "[tool.sqlfluff" in own.read_text(encoding="utf-8", errors="replace")
    config = own if has_own else SETTINGS / "sqlfluff.cfg"
    command = [sys.executable, "-m", "sqlfluff", "lint", "--config", str(config)]
    files = run([*command, "--processes", "0", "--format", "json", *map(str, roots)])
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
    linted = {Path(file["filepath"]).resolve() for file in files}
    skipped = "it skips files of more than 20000 bytes: one object, one file"
    return findings + [
        Finding(os.path.relpath(path), 0, "sqlfluff", skipped)
        for root in roots
        for path in files_in(root)
        if path.resolve() not in linted
    ]


def squawk(project: Path, tree: Tree, roots: Sequence[Path]) -> list[Finding]:
    """Lint the versioned files under ``roots``, by the project's .squawk.toml or our settings.

    Those that run in a transaction are judged as such. A rollback has to drop, so it is left out.
    """
    program = Path(sys.executable).with_name("squawk")
    found = str(program) if program.exists() else shutil.which("squawk")
    if not found:
        raise Failure(f"squawk {INSTALL}", UNAVAILABLE)
    own = project / ".squawk.toml"
    config = own if own.exists() else SETTINGS / "squawk.toml"
    findings = []
    for flag in ("--assume-in-transaction", "--no-assume-in-transaction"):
        paths = [
            tree.source_of(file).root / file.path
            for file in tree.versioned.values()
            if file.is_transactional == (flag == "--assume-in-transaction")
        ]
        files = [str(path) for path in paths if any(path.is_relative_to(root) for root in roots)]
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


def run(command: Sequence[str]) -> list[dict[str, Any]]:
    """Run a linter that prints a JSON array; raises Failure when it could not do its work."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        output = (done.stderr or done.stdout).strip()
        raise Failure(f"{' '.join(command[:3])} failed ({done.returncode}):\n{output}") from None
    return found
