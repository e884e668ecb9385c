"""The page inside a host of MCP Apps, under the extension's default content security policy."""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from zava_mcp import pages

pytest_plugins = ["browser"]
pytestmark = pytest.mark.needs("pages", "chromium", "apps")
Ask = Callable[..., Any]
COLUMNS = [
    {"name": "day", "kind": "date"},
    {"name": "label", "kind": "text"},
    {"name": "amount", "kind": "number", "description": "US dollars"},
]
LINE = {"kind": "line", "x": "day", "y": ["amount"], "by": "label", "columns": COLUMNS}
BAR = {"kind": "bar", "x": "label", "y": ["amount"], "columns": COLUMNS}
CALLS = 1000
SUM = """() => [...document.querySelectorAll('.scroll tbody tr')].map(tr =>
    [...tr.children].map(td => td.innerText.replaceAll(',', '')))"""


def open_app(host: Page, html: str, theme: str = "light") -> FrameLocator:
    host.evaluate("([html, theme]) => window.openApp(html, theme)", [html, theme])
    return host.frame_locator("iframe")


def give(host: Page, answer: Any, given: dict[str, Any] | None = None) -> None:
    host.evaluate("([given, answer]) => window.giveResult(given, answer)", [given or {}, answer])


def as_answer(value: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": json.dumps(value)}]}


def rows_answer(rows: list[list[Any]]) -> dict[str, Any]:
    named = [dict(zip(("day", "label", "amount"), row, strict=True)) for row in rows]
    return as_answer({"rows": named, "row_count": len(named), "truncated": False})


def page_of(ask: Ask, tool: str) -> str:
    html: str = ask("resources/read", uri=f"ui://mcp/tools/{tool}")["contents"][0]["text"]
    return html


def test_it_is_short_and_comes_fast(host: Page, ask: Ask) -> None:
    html = page_of(ask, "get_daily_sales")
    assert len(gzip.compress(html.encode(), 9)) < 40_000
    answer = ask("tools/call", name="get_daily_sales", arguments={})
    began = time.monotonic()
    app = open_app(host, html)
    give(host, answer)
    expect(app.locator(".plot canvas")).to_be_visible()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_result_is_drawn_in_the_colours_of_the_host(
    host: Page, ask: Ask, theme: str, shot: Callable[[Page, str], None]
) -> None:
    app = open_app(host, page_of(ask, "compare_stores"), theme)
    give(host, ask("tools/call", name="compare_stores", arguments={}))
    expect(app.locator(".bars")).to_be_visible()
    assert app.locator("html").get_attribute("data-theme") == theme
    host.wait_for_function("window.sizes.length > 0")
    host.evaluate("theme => window.bridge.setHostContext({ theme })", "dark")
    expect(app.locator("html")).to_have_attribute("data-theme", "dark")
    shot(host, f"app-{theme}")


def test_links_and_pages_go_through_the_host(host: Page, ask: Ask) -> None:
    app = open_app(host, page_of(ask, "compare_stores"))
    give(host, ask("tools/call", name="compare_stores", arguments={}))
    store = app.locator(".bars th button").first.inner_text()
    app.locator(".bars th button").first.click()
    expect(app.locator(".facts").first).to_contain_text(store)
    app.get_by_role("button", name="← Back").click()
    expect(app.locator(".bars")).to_be_visible()

    given = {"time_period": "last_90_days"}
    app = open_app(host, page_of(ask, "get_daily_sales"))
    give(host, ask("tools/call", name="get_daily_sales", arguments=given), given)
    expect(app.locator(".foot")).to_have_text("31 rows. Load the next page")
    app.get_by_role("button", name="Load the next page").click()
    expect(app.locator(".foot")).to_contain_text("62 rows.")


BAD: dict[str, tuple[list[list[Any]], dict[str, Any]]] = {
    "no row": ([], LINE),
    "one row": ([["2026-01-01", "a", 5]], LINE),
    "only nulls": ([[None, None, None], [None, None, None]], LINE),
    "no numbers": ([["2026-01-01", "a", "NaN"], ["2026-01-02", "a", "Infinity"]], LINE),
    "infinite dates": ([["infinity", "a", 1], ["-infinity", "a", 2]], LINE),
    "old dates": (
        [["1066-10-14", "a", 1], ["0044-03-15 BC", "a", 2], ["1899-12-31", "a", 3]],
        LINE,
    ),
    "far dates": ([["9999-12-31", "a", 1], ["12026-01-01", "a", 2]], LINE),
    "huge": ([["2026-01-01", "a", 10**18], ["2026-01-02", "a", -(10**18)]], LINE),
    "negative bars": ([[None, "a", -3], [None, "b", 5], [None, "c", 0]], BAR),
    "bars of nothing": ([[None, "a", None], [None, "b", "NaN"], [None, None, "-Infinity"]], BAR),
    "huge bars": ([[None, "a", 10**18 + 1], [None, "b", 1e-9]], BAR),
    "html": ([[None, "<img src=x onerror=alert(1)>", 1], [None, "</script><b>", 2]], BAR),
    "bidi": ([[None, "\u202eabc\u2066", 1], [None, "\u05d0\u05d1", 2]], BAR),
    "long labels": ([[None, "x" * 500, 1], [None, "y " * 250, 2]], BAR),
    "10,000 rows": ([["2026-01-01", f"r{i}", i] for i in range(10_000)], BAR),
    "10,000 dates": (
        [[str(date(1990, 1, 1) + timedelta(days=i)), "a", i] for i in range(10_000)],
        LINE,
    ),
    "many lines": ([["2026-01-01", f"l{i}", i] for i in range(30)], LINE),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_drawn_without_an_error(host: Page, name: str) -> None:
    rows, picture = BAD[name]
    app = open_app(host, pages.app(json.dumps({**picture, "title": "<b>Bad</b>"})))
    give(host, rows_answer(rows))
    expect(app.locator(".foot")).to_contain_text(f"{len(rows)} row")
    assert app.locator("img, main b").count() == 0
    box = app.locator("main").bounding_box()
    assert box is not None
    assert box["width"] <= 1100
    if len(rows) > 1:
        app.get_by_role("button", name="Table", exact=True).click()
        expect(app.locator(".scroll tbody tr")).to_have_count(min(len(rows), 500))
    if name == "huge bars":
        assert "1,000,000,000,000,000,001" in app.locator(".scroll").inner_text()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_rows_within_one_row_are_a_table(host: Page, ask: Ask, count: int) -> None:
    given = {"query": "hammer", "max_results": 7}
    answer = ask("tools/call", name="search_products_by_description", arguments=given)
    found = answer["structuredContent"]
    rows = found["rows"][:count]
    app = open_app(host, page_of(ask, "search_products_by_description"))
    give(host, as_answer({**found, "rows": rows, "row_count": count}))
    expect(app.locator(".foot")).to_contain_text(f"{count} row")
    expect(app.locator(".facts")).to_have_text(re.compile(f"Mode\\s*{found['mode']}"))
    expect(app.locator(".figure")).to_have_count(0)
    expect(app.locator(".scroll tbody tr")).to_have_count(count)
    for row in rows:
        expect(app.locator(".scroll tbody")).to_contain_text(row["name"])


# the share of the width between two dots that a line of the first colour has
INKED = """canvas => {
    const first = getComputedStyle(canvas).getPropertyValue('--series-0').trim();
    const paint = Object.assign(document.createElement('canvas').getContext('2d'), {
        fillStyle: first });
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue] = paint.getImageData(0, 0, 1, 1).data;
    const { width, height } = canvas;
    const dots = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const columns = new Set();
    for (let at = 0; at < dots.length; at += 4)
        if (dots[at] === red && dots[at + 1] === green && dots[at + 2] === blue)
            columns.add(at / 4 % width);
    const [from, to] = [Math.min(...columns), Math.max(...columns)];
    const edge = (to - from) * 0.1;
    const inner = [...columns].filter(x => x > from + edge && x < to - edge);
    return inner.length / (to - from - 2 * edge);
}"""


@pytest.mark.parametrize(
    ("rows", "is_joined"),
    [
        ([["2026-01-01", "a", 1], ["2026-01-02", "b", 2], ["2026-01-03", "a", 3]], True),
        ([["2026-01-01", "a", 1], ["2026-01-02", "a", None], ["2026-01-03", "a", 3]], False),
    ],
    ids=["days of another line", "a day without a value"],
)
def test_a_line_goes_on_over_days_of_other_lines(
    host: Page, rows: list[list[Any]], is_joined: bool
) -> None:
    """A null in its own rows is a gap."""
    app = open_app(host, pages.app(json.dumps(LINE)))
    give(host, rows_answer(rows))
    canvas = app.locator(".plot canvas")
    expect(canvas).to_be_visible()
    host.wait_for_function("window.sizes.length > 0")
    share = canvas.evaluate(INKED)
    assert share > 0.95 if is_joined else share == 0


def test_an_id_is_printed_as_it_is(host: Page) -> None:
    columns = [
        {"name": name, "kind": "number"} for name in ("id", "rental_id", "bikeId", "paid", "price")
    ]
    row = dict.fromkeys(("id", "rental_id", "bikeId", "paid", "price"), 3605)
    app = open_app(host, pages.app(json.dumps({"kind": "table", "columns": columns})))
    give(host, as_answer({"rows": [row, row], "row_count": 2, "truncated": False}))
    cells = app.locator(".scroll tbody tr").first.locator("td")
    expect(cells).to_have_text(["3605", "3605", "3605", "3,605", "3,605"])
    app = open_app(host, pages.app(json.dumps({"kind": "figures", "columns": columns})))
    give(host, as_answer(row))
    expect(app.locator(".figure strong")).to_have_text(["3605", "3605", "3605", "3,605", "3,605"])


def test_a_column_may_be_called_rows(host: Page) -> None:
    columns = [{"name": "label", "kind": "text"}, {"name": "rows", "kind": "number"}]
    picture = {"kind": "bar", "x": "label", "y": ["rows"], "columns": columns}
    app = open_app(host, pages.app(json.dumps(picture)))
    rows = [{"label": "a", "rows": 3}, {"label": "b", "rows": 5}]
    give(host, as_answer({"rows": rows, "row_count": 2, "truncated": False}))
    expect(app.locator(".bars th")).to_have_text(["a", "b"])


def test_rows_that_are_values_are_a_table(host: Page) -> None:
    app = open_app(host, pages.app("null"))
    give(host, as_answer({"rows": ["ab", None], "row_count": 2, "truncated": False}))
    expect(app.locator(".scroll tr")).to_have_text(["Value", "ab", "–"])


def test_an_error_of_the_tool_is_text(host: Page, ask: Ask) -> None:
    app = open_app(host, page_of(ask, "get_daily_sales"))
    answer = ask("tools/call", name="get_daily_sales", arguments={"page_size": 0})
    give(host, answer)
    expect(app.get_by_role("alert")).to_contain_text("page_size must be")


def test_a_host_that_never_answers_is_told_of(page: Page) -> None:
    page.clock.install()
    page.set_content("<iframe></iframe>")
    page.evaluate("html => { document.querySelector('iframe').srcdoc = html }", pages.app("null"))
    status = page.frame_locator("iframe").get_by_role("status")
    expect(status).to_have_text("Waiting for the result.")
    page.clock.fast_forward(11_000)
    expect(status).to_have_text("The host does not answer.")


def test_a_host_closes_the_page_while_it_waits(host: Page, ask: Ask) -> None:
    app = open_app(host, page_of(ask, "compare_stores"))
    give(host, ask("tools/call", name="compare_stores", arguments={}))
    app.locator(".bars th button").first.wait_for()
    host.evaluate("window.bridge.teardownResource({})")
    app.locator(".bars th button").first.click(no_wait_after=True)
    host.evaluate("document.querySelector('iframe').remove()")
    assert host.locator("iframe").count() == 0


def test_sums_of_the_page_are_those_of_the_tool(host: Page, ask: Ask) -> None:
    chance = random.Random(21)  # noqa: S311
    first = date(2021, 1, 1)
    app = open_app(host, page_of(ask, "get_category_performance"))
    frame = host.frames[-1]
    for _ in range(CALLS):
        begin = first + timedelta(days=chance.randrange(2000))
        end = begin + timedelta(days=chance.randrange(200))
        given = {"from_date": str(begin), "to_date": str(end)}
        answer = ask("tools/call", name="get_category_performance", arguments=given)
        if answer.get("isError"):
            continue  # a period that has not begun
        text = answer["content"][0]["text"]
        rows = json.loads(text, parse_float=Decimal)["rows"]
        give(host, answer)
        app.get_by_role("button", name="Table", exact=True).click()
        shown = frame.evaluate(SUM)
        for column, name in ((1, "revenue"), (3, "units"), (5, "previous_revenue")):
            total = sum(Decimal(cell[column]) for cell in shown)
            assert total == sum(row[name] for row in rows), (given, name)
