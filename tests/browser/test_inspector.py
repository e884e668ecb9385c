"""The official inspector, as a host of MCP Apps: what it shows of a tool's page."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import needs
import pytest
from browser import copied, sign_in
from playwright.sync_api import Browser, Page, expect
from test_server import until

pytest_plugins = ["browser"]
pytestmark = pytest.mark.needs("pages", "chromium", "conformance")
BIN = needs.CONFORMANCE / "node_modules" / ".bin"
PRINTED = re.compile(r"http://\S+MCP_INSPECTOR_API_TOKEN=\w+")


@contextmanager
def inspector(url: str, key: str, era: str, port: int, folder: Path) -> Iterator[str]:
    """Run the inspector for a server; yield the address that it prints."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",  # its own Node.js
        "HOME": str(folder),
        "CLIENT_PORT": str(port),
        "MCP_AUTO_OPEN_ENABLED": "false",
        "MCP_INSPECTOR_SECRET_STORE": "memory",
    }
    server = ["--transport", "http", "--server-url", url, "--protocol-era", era]
    command = [str(BIN / "mcp-inspector"), "--web", *server]
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--header", f"Authorization: Bearer {key}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: PRINTED.search(log.read_text()) is not None or process.poll() is not None)
            [address] = PRINTED.findall(log.read_text())
            yield address
        finally:
            process.terminate()
            process.wait(60)


@pytest.mark.parametrize(("era", "revision"), [("modern", "2026-07-28"), ("legacy", "2025-11-25")])
def test_the_inspector_shows_a_picture(
    chromium: Browser,
    http_server: str,
    keys: dict[str, Any],
    era: str,
    revision: str,
    free_port: int,
    tmp_path: Path,
    shot: Callable[[Page, str], None],
) -> None:
    """It knows the pages by the extension, and draws one from its own call of the tool."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
    page.set_default_timeout(60_000)
    with inspector(http_server, keys["head_office"], era, free_port, tmp_path) as address:
        page.goto(address)
        page.get_by_role("switch").first.click(force=True)
        expect(page.get_by_text(f"MCP {revision}").first).to_be_visible()
        page.get_by_text("Apps", exact=True).first.click()
        page.get_by_text("Daily sales", exact=True).first.click()
        page.get_by_role("button", name="Open App").click()
        app = page.frame_locator("iframe").frame_locator("iframe")
        expect(app.get_by_text("30 rows.")).to_be_visible()
        expect(app.locator("canvas").first).to_be_visible()
        app.get_by_role("button", name="Table").click()
        expect(app.get_by_role("columnheader", name="Revenue").first).to_be_visible()
        app.get_by_role("button", name="Chart").click()
        shot(page, f"inspector-{era}")
    page.close()


def test_a_copied_call_runs_in_the_inspector(
    page: Page, origin: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    """It is of a tool that is not in the default groups, which are all that it finds at /mcp."""
    key = next(iter(keys["stores"].values()))
    sign_in(page, origin, key)
    page.goto(f"{origin}/#tools/adjust_inventory")
    given = {"sku": "HTHM001", "change": "7", "reason": "stock-taking"}
    for name, value in given.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_text("Copy as a client call").click()
    text = copied(page, "MCP Inspector")
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ZAVA_API_KEY": key,
    }
    command = text.replace("npx @modelcontextprotocol/inspector", "mcp-inspector")
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    result = json.loads(done.stdout)["structuredContent"]
    assert (result["sku"], result["is_dry_run"]) == ("HTHM001", True)
    assert result["stock_level"] == result["previous_stock_level"] + 7
