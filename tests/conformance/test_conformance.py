"""The official conformance suite and the inspector, against functions of SQL and a real server.

Each tool, resource and prompt that the suite calls is a function in the *.sql files of this folder.
No failure is expected: the suite gets no file of known failures.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from needs import CONFORMANCE
from place import Place, another_way

pytestmark = pytest.mark.needs("conformance")
MODULES = CONFORMANCE / "node_modules"
NODE = MODULES / ".bin" / "node"
RESULT = re.compile(r"^([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed", re.MULTILINE)
# what no revision requires: headers made of arguments
NOT_OFFERED = re.compile("http-custom-header-server-validation")


@pytest.mark.parametrize(
    ("package", "options", "required"),
    [
        ("@modelcontextprotocol/conformance", ("--requirements", "2026-07-28"), 37),
        ("@modelcontextprotocol/conformance", ("--requirements", "2025-11-25"), 30),
        ("conformance-0.1", ("--suite", "all"), 32),
    ],
)
def test_the_suite_passes(
    place: Place,
    shim_url: str,
    tmp_path: Path,
    package: str,
    options: tuple[str, str],
    required: int,
) -> None:
    suite = MODULES / package / "dist" / "index.js"
    log = tmp_path / "log"
    with another_way(place, shim_url, log) as url:
        run = subprocess.run(
            [NODE, suite, "server", "--url", url, *options, "--output-dir", tmp_path],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    print(run.stdout[run.stdout.find("=== SUMMARY ===") :])
    scenarios = {
        name: (mark, int(failed))
        for mark, name, _, failed in RESULT.findall(run.stdout)
        if not NOT_OFFERED.match(name)
    }
    assert {name: said for name, said in scenarios.items() if said != ("✓", 0)} == {}
    assert len(scenarios) >= required
    assert run.returncode == 0


@pytest.mark.parametrize("kind", ["tools", "resources", "prompts"])
def test_the_inspector_lists(place: Place, kind: str) -> None:
    assert len(inspect(place, "--method", f"{kind}/list")[kind]) > 1


def test_the_inspector_calls_a_tool_reads_a_resource_and_gets_a_prompt(place: Place) -> None:
    called = inspect(place, "--method", "tools/call", "--tool-name", "test_simple_text")
    assert called["content"][0]["type"] == "text"
    read = inspect(place, "--method", "resources/read", "--uri", "test://static-text")
    assert read["contents"][0]["text"] == "This is the content of the static text resource."
    prompt = inspect(place, "--method", "prompts/get", "--prompt-name", "test_simple_prompt")
    assert prompt["messages"][0]["content"]["text"] == "This is a simple prompt for testing."


def inspect(place: Place, *options: str) -> dict[str, Any]:
    """Ask the server by the official inspector."""
    command: list[str | Path] = [NODE, MODULES / ".bin" / "mcp-inspector", "--cli", place.direct]
    command += [
        "--transport",
        "http",
        "--header",
        f"Authorization: Bearer {place.keys['head_office']}",
        *options,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    said: dict[str, Any] = json.loads(run.stdout)
    return said
