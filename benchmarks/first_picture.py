"""How long a person waits for the first picture in the workbench, beside what its call takes.

``python -m benchmarks.first_picture`` makes a database of its own, serves it, and opens the
workbench in Chromium: as a new visitor, with nothing cached, again and again. It prints the median
of the milliseconds until the list of tools is shown, from the click on Run until the picture is
shown, and from opening the page with the tool until then; and their ratio to the call alone.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time

import click
import httpx2
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks import zava

TOOL = "get_daily_sales"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def visit(browser: Browser, origin: str, key: str) -> dict[str, float]:
    """Sign in as a new visitor, and run the tool; return milliseconds of each part."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(origin)
    page.get_by_label("API key").fill(key)
    began = time.perf_counter()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Daily sales").wait_for()
    listed = time.perf_counter()
    page.goto(f"{origin}/#tools/{TOOL}")
    run = page.get_by_role("button", name="Run", exact=True)
    run.wait_for()
    clicked = time.perf_counter()
    run.click()
    page.locator(".view canvas, .view svg").first.wait_for()
    shown = time.perf_counter()
    context.close()
    return {
        "sign in, until the tools are listed": (listed - began) * 1000,
        "run, until the picture is shown": (shown - clicked) * 1000,
        "from the key to the picture": (shown - began) * 1000,
    }


def called(origin: str, key: str) -> float:
    """Return the milliseconds of the tool's call alone, over HTTP."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": TOOL}}
    headers = {"Authorization": f"Bearer {key}"}
    began = time.perf_counter()
    response = httpx2.post(f"{origin}/mcp", json=body, headers=headers, timeout=60)
    elapsed = (time.perf_counter() - began) * 1000
    assert '"isError":false' in response.text, response.text
    return elapsed


@click.command(help=__doc__.partition("\n")[0])
@click.option("--rounds", default=20, show_default=True, help="Visitors.")
@click.option("--orders", default=20_000, show_default=True, help="In the demo.")
def main(rounds: int, orders: int) -> None:
    """Run it, and print the table."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise click.ClickException("Chromium is missing: make needs")
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    found: dict[str, list[float]] = {"the call alone": []}
    with zava.served(orders, ZAVA_CACHE_SIZE="0") as server, sync_playwright() as playwright:
        key = server.keys["head_office"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        visit(browser, server.origin, key)
        for _ in range(rounds):
            found["the call alone"].append(called(server.origin, key))
            for part, elapsed in visit(browser, server.origin, key).items():
                found.setdefault(part, []).append(elapsed)
        browser.close()
    table = Table("part", "median ms", "to the call alone")
    alone = statistics.median(found["the call alone"])
    for part, times in found.items():
        median = statistics.median(times)
        table.add_row(part, f"{median:.0f}", f"{median / alone:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
