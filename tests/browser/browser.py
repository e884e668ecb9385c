"""Debian's Chromium, a page of it signed in to a real server, and a host of MCP Apps."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import needs
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
WATCH = (
    "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))"
)
HOST = "http://host.test/"
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {
        "extensions": {"io.modelcontextprotocol/ui": {}}
    },
}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; as root it has no sandbox."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=needs.path_of("chromium"), args=options
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that must end without an error on its console, and without a CSP violation."""
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": 1100, "height": 900}, locale="en-US")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert errors == getattr(page, "expected_errors", [])


@pytest.fixture
def origin(http_server: str) -> str:
    return http_server.removesuffix("/mcp")


@pytest.fixture
def workbench(page: Page, origin: str, keys: dict[str, Any]) -> Page:
    """The workbench, signed in as head office."""
    sign_in(page, origin, keys["head_office"])
    return page


def sign_in(page: Page, origin: str, key: str) -> None:
    page.goto(origin)
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")
    page.get_by_role("navigation").wait_for()


def copied(page: Page, name: str) -> str:
    """Return the call as text, in one of its forms; its part of the page is open."""
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_label("The call as text").input_value()


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a picture of a page, where PICTURES names a folder."""
    folder = os.environ.get("PICTURES")

    def keep(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder, f"{name}.png"))

    return keep


@pytest.fixture
def ask(http_server: str, keys: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Ask the server as head office, with a method and its parameters; gives the result."""
    with httpx2.Client(timeout=60) as http:

        def request(method: str, **params: Any) -> Any:
            name = params.get("name", params.get("uri"))
            headers = {
                "Authorization": f"Bearer {keys['head_office']}",
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": "2026-07-28",
                "Mcp-Method": method,
                **({"Mcp-Name": name} if name else {}),
            }
            message = {"jsonrpc": "2.0", "id": 1, "method": method}
            body = {**message, "params": {**params, "_meta": META}}
            answer = http.post(http_server, json=body, headers=headers).json()
            assert "result" in answer, answer
            return answer["result"]

        yield request


@pytest.fixture(scope="session")
def host_script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The host side of npm's package, bundled."""
    modules = needs.APPS / "node_modules"
    built = tmp_path_factory.mktemp("host") / "host.js"
    subprocess.run(
        [modules / ".bin" / "esbuild", HERE / "host.js", "--bundle", f"--outfile={built}"],
        env={**os.environ, "NODE_PATH": str(modules)},
        check=True,
        capture_output=True,
    )
    return built.read_text()


@pytest.fixture
def host(page: Page, host_script: str, ask: Callable[..., Any]) -> Page:
    """A host with nothing open, whose calls go to the real server."""

    def serve(route: Any) -> None:
        if route.request.url.endswith("host.js"):
            route.fulfill(body=host_script, content_type="text/javascript")
        else:
            body = '<link rel="icon" href="data:,"><body><script src="/host.js"></script>'
            route.fulfill(body=f"<!doctype html>{body}", content_type="text/html")

    page.route(f"{HOST}**", serve)
    page.expose_function(
        "callTool", lambda name, given: ask("tools/call", name=name, arguments=given)
    )
    page.expose_function("readResource", lambda uri: ask("resources/read", uri=uri))
    page.goto(HOST)
    page.wait_for_function("window.openApp !== undefined")
    return page
