"""The workbench in a browser: what people of each kind see, do, and are kept from."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from browser import copied, sign_in
from issuer import MANAGER, provider, registered
from playwright.sync_api import Page, expect
from test_server import another_server

pytest_plugins = ["browser"]
pytestmark = pytest.mark.needs("pages", "chromium")
Shot = Callable[[Page, str], None]
Ask = Callable[..., Any]


def run(page: Page, origin: str, tool: str, **given: str) -> None:
    """Fill in the form of a tool and run it."""
    page.goto(f"{origin}/#tools/{tool}")
    for name, value in given.items():
        field = page.locator(f"#field-{name}")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator(".answer > .foot").wait_for()


def cells(page: Page, column: int) -> list[str]:
    """The texts of a column of the table that is shown."""
    return page.locator(f".scroll tbody td:nth-child({column})").all_inner_texts()


def test_a_wrong_key_is_told_and_a_good_one_goes_on(
    page: Page, origin: str, keys: dict[str, Any], shot: Shot
) -> None:
    page.goto(origin)
    shot(page, "sign-in")
    page.get_by_label("API key").fill("zava_0123456789abcdef_0")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("unknown, expired or revoked")
    page.expected_errors = [  # type: ignore[attr-defined]
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
    ]
    page.get_by_label("API key").fill(keys["head_office"])
    page.keyboard.press("Enter")
    sales = page.get_by_role("list", name="Tools: sales")
    expect(sales.get_by_role("link", name="Daily sales")).to_be_visible()
    writes = page.get_by_role("list", name="Tools that write")
    expect(writes.get_by_role("link", name="Daily sales")).to_have_count(0)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        *(0, 0),
        "",
    ]
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    page.reload()
    expect(page.get_by_label("API key")).to_be_visible()


@pytest.mark.parametrize(
    ("tool", "kind", "picture"),
    [
        ("get_daily_sales", "line", "line"),
        ("get_sales_trends", "line", "lines"),
        ("compare_stores", "bar", "bars"),
        ("get_store_performance", "figures", "figures"),
        ("get_inventory_status", "table", "table"),
    ],
)
def test_each_kind_of_picture(
    workbench: Page, origin: str, tool: str, kind: str, picture: str, shot: Shot
) -> None:
    run(workbench, origin, tool)
    expect(workbench.locator(".view")).to_have_attribute("data-kind", kind)
    assert workbench.locator(".view").bounding_box()["height"] > 100  # type: ignore[index]
    if kind == "line":
        assert workbench.locator(".plot canvas").count() == 1
        workbench.locator(".plot").focus()
        workbench.keyboard.press("ArrowRight")
        assert re.search(r"\d{4}-\d\d-\d\d", workbench.locator(".u-legend").inner_text())
    shot(workbench, picture)


def test_a_chart_has_the_rows_of_the_tool(workbench: Page, origin: str, ask: Ask) -> None:
    run(workbench, origin, "compare_stores", time_period="last_12_months")
    rows = ask("tools/call", name="compare_stores", arguments={"time_period": "last_12_months"})
    expected = rows["structuredContent"]["rows"]
    assert workbench.locator(".bars th").all_inner_texts() == [row["store"] for row in expected]
    values = workbench.locator(".bars tr.first .value").all_inner_texts()
    assert [float(value.replace(",", "")) for value in values] == [r["revenue"] for r in expected]
    workbench.get_by_role("button", name="Table", exact=True).click()
    assert cells(workbench, 3) == [row["store"] for row in expected]
    workbench.get_by_role("button", name="Store", exact=True).click()
    assert cells(workbench, 3) == sorted(row["store"] for row in expected)
    workbench.get_by_role("button", name="JSON").click()
    shown = json.loads(workbench.locator(".view pre").inner_text())
    assert shown == rows["structuredContent"]


def test_rows_within_one_row_are_a_table(
    workbench: Page, origin: str, ask: Ask, shot: Shot
) -> None:
    """How the rows were found stands above them."""
    given = {"query": "hammer", "max_results": 7}
    answer = ask("tools/call", name="search_products_by_description", arguments=given)
    found = answer["structuredContent"]
    run(workbench, origin, "search_products_by_description", query="hammer", max_results="7")
    expect(workbench.locator(".view")).to_have_attribute("data-kind", "table")
    heads = workbench.get_by_role("columnheader").all_inner_texts()
    names = cells(workbench, heads.index("Name") + 1)
    assert names == [row["name"] for row in found["rows"]]
    assert cells(workbench, heads.index("Price") + 1) == [f"{r['price']}" for r in found["rows"]]
    assert workbench.locator(".facts").inner_text().split() == ["Mode", found["mode"]]
    expect(workbench.locator(".result .foot")).to_have_text(f"{len(names)} rows. ")
    shot(workbench, "rows-within-a-row")


@pytest.mark.parametrize("width", [1200, 360])
def test_a_wide_table_is_scrolled_and_breaks_no_words(
    workbench: Page, origin: str, width: int, shot: Shot
) -> None:
    workbench.set_viewport_size({"width": width, "height": 900})
    run(workbench, origin, "search_products_by_description", query="hammer")
    widths = "e => [e.scrollWidth, e.clientWidth]"
    content, box = workbench.locator(".scroll").evaluate(widths)
    assert content > box
    content, box = workbench.locator("html").evaluate(widths)
    assert content == box == width
    broken = workbench.locator(".scroll tbody").evaluate(
        """body => [...body.querySelectorAll('td bdi')].flatMap(({ firstChild: text }) =>
            [...text.data.matchAll(/\\p{L}{1,20}/gu)].filter(({ index, 0: word }) => {
                const range = document.createRange();
                range.setStart(text, index);
                range.setEnd(text, index + word.length);
                return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
            }).map(([word]) => word))"""
    )
    assert broken == []
    workbench.locator(".view").scroll_into_view_if_needed()
    shot(workbench, f"wide-table-{width}")


def test_the_next_page_is_loaded(workbench: Page, origin: str) -> None:
    run(workbench, origin, "get_daily_sales", time_period="last_90_days")
    expect(workbench.locator(".result .foot")).to_have_text("31 rows. Load the next page")
    workbench.get_by_role("button", name="Load the next page").click()
    expect(workbench.locator(".result .foot")).to_contain_text("62 rows.")
    workbench.get_by_role("button", name="Table", exact=True).click()
    days = cells(workbench, 1)
    assert len(days) == len(set(days)) == 62


def test_rows_that_no_page_gives_are_told(workbench: Page, origin: str) -> None:
    query = "select generate_series(1, 3) as n"
    run(workbench, origin, "execute_sales_query", postgresql_query=query, max_rows="2")
    expect(workbench.locator(".result .foot")).to_contain_text("2 rows. There are more rows")


def test_a_bar_leads_to_another_tool(workbench: Page, origin: str, ask: Ask) -> None:
    run(workbench, origin, "compare_stores")
    store = workbench.locator(".bars th button").first.inner_text()
    workbench.locator(".bars th button").first.click()
    expect(workbench.locator("main h2")).to_have_text("Store performance")
    expect(workbench.locator(".facts").first).to_contain_text(store)


def test_a_form_has_the_order_of_the_function(workbench: Page, origin: str) -> None:
    workbench.goto(f"{origin}/#tools/get_top_products")
    names = ["rank_by", "category", "store_id", "time_period", "from_date", "to_date", "page_size"]
    expect(workbench.locator("main .field label")).to_have_text(names)


def test_an_error_stands_at_its_field(workbench: Page, origin: str, shot: Shot) -> None:
    workbench.goto(f"{origin}/#tools/get_top_products")
    workbench.locator("#field-page_size").fill("ten")
    workbench.get_by_role("button", name="Run", exact=True).click()
    expect(workbench.locator("#field-page_size-error")).to_have_text("This must be a number.")
    workbench.locator("#field-page_size").fill("0")
    workbench.get_by_role("button", name="Run", exact=True).click()
    expect(workbench.locator("#field-page_size-error")).to_contain_text("page_size must be")
    expect(workbench.locator("#field-page_size")).to_have_attribute("aria-invalid", "true")
    expect(workbench.locator(".answer .error")).to_contain_text("VALIDATION_ERROR")
    shot(workbench, "form-error")


def test_a_list_of_objects_says_what_goes_in(
    page: Page, origin: str, keys: dict[str, Any], shot: Shot
) -> None:
    sign_in(page, origin, next(iter(keys["stores"].values())))
    page.goto(f"{origin}/#tools/record_sale")
    parts = page.locator("#field-lines-hint li")
    expect(parts).to_contain_text(
        [
            re.compile(r"^sku: string, required\."),
            re.compile(r"^quantity: integer, required\. Units"),
            re.compile(r"^unit_price: number\. "),
            re.compile(r"^discount_amount: number\. "),
        ]
    )
    lines = page.get_by_label("lines")
    outline = json.loads(lines.get_attribute("placeholder") or "")
    assert outline == [{"sku": "…", "quantity": 1}]
    page.get_by_label("customer_id").fill("00000000-0000-7000-8000-000000000000")
    lines.fill(json.dumps([{"sku": "HTHM001", "quantity": 0}]))
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#field-lines-error")).to_contain_text("lines[0].quantity must be")
    expect(lines).to_have_attribute("aria-invalid", "true")
    expect(lines).to_be_focused()
    shot(page, "form-of-objects")


def test_a_write_is_tried_first_and_asks(
    page: Page, origin: str, keys: dict[str, Any], database: str
) -> None:
    store, key = next(iter(keys["stores"].items()))
    query = """select i.stock_level, p.sku from retail.inventory as i
        join retail.products as p using (product_id) join retail.stores as s using (store_id)
        where s.name = %s order by p.sku limit 1"""
    with psycopg.connect(database, autocommit=True) as owner:

        def stock() -> tuple[int, str]:
            row = owner.execute(query, [store]).fetchone()
            assert row is not None
            return row

        before, sku = stock()
        sign_in(page, origin, key)
        page.goto(f"{origin}/#tools/adjust_inventory")
        assert page.locator("#field-dry_run").count() == 0
        assert re.fullmatch("[0-9a-f]{32}", page.locator("#field-idempotency_key").input_value())
        for name, value in {"sku": sku, "change": "7", "reason": "stock-taking"}.items():
            page.locator(f"#field-{name}").fill(value)

        page.get_by_role("button", name="Dry run").click()
        expect(page.locator(".answer > .foot")).to_contain_text("nothing was changed")
        expect(page.locator(".answer")).to_contain_text("Stock level")
        assert stock()[0] == before

        page.get_by_role("button", name="Run and change data").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert stock()[0] == before

        page.get_by_role("button", name="Run and change data").click()
        page.get_by_role("dialog").get_by_role("button", name="Change data").click()
        # this tool asks by itself, too
        page.get_by_role("dialog").locator("select, input").first.wait_for()
        answer_question(page)
        expect(page.locator(".answer .figures")).to_contain_text(str(before + 7))
        assert stock()[0] == before + 7


def answer_question(page: Page) -> None:
    """Confirm what a tool asks before it continues."""
    field = page.get_by_role("dialog").locator("select").first
    field.select_option("true")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()


def test_a_name_from_a_row_is_text(workbench: Page, origin: str, database: str, ask: Ask) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"> & <b>x</b> " + "y" * 400
    with psycopg.connect(database, autocommit=True) as owner:
        top = ask("tools/call", name="get_top_products", arguments={"time_period": "all_time"})
        product, name = (top["structuredContent"]["rows"][0][key] for key in ("product_id", "name"))
        owner.execute(
            "update retail.products set name = left(%s, 200) where product_id = %s", [evil, product]
        )
        try:
            run(workbench, origin, "get_top_products", time_period="all_time", page_size="50")
            expect(workbench.locator(".bars")).to_contain_text("<img src=x onerror")
            workbench.get_by_role("button", name="Table", exact=True).click()
            expect(workbench.locator(".scroll")).to_contain_text("<img src=x onerror")
            assert workbench.locator("main img, main b").count() == 0
            assert workbench.title() == "Workbench"
        finally:
            owner.execute(
                "update retail.products set name = %s where product_id = %s", [name, product]
            )


def test_a_copied_call_runs_and_has_no_key(
    workbench: Page, origin: str, keys: dict[str, Any], tmp_path: Any
) -> None:
    run(workbench, origin, "get_daily_sales", time_period="last_7_days")
    workbench.get_by_text("Copy as a client call").click()
    texts = {}
    for name in ("MCP Inspector", "curl", "Python", "Client configuration"):
        workbench.get_by_role("button", name=name).click()
        texts[name] = workbench.get_by_label("The call as text").input_value()
        assert keys["head_office"] not in texts[name]
        assert "ZAVA_API_KEY" in texts[name]
    environment = {**os.environ, "ZAVA_API_KEY": keys["head_office"]}
    script = tmp_path / "call.py"
    script.write_text(texts["Python"])
    for command in (["bash", "-c", texts["curl"]], [sys.executable, str(script)]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert "sales_date" in done.stdout
    assert "._" not in texts["Python"], "a private module"
    servers = json.loads(texts["Client configuration"])["mcpServers"]
    name = re.sub(r"[.:]", "-", origin.removeprefix("http://"))
    assert {each: entry["url"] for each, entry in servers.items()} == {name: f"{origin}/mcp"}


def test_a_copied_write_does_what_was_run(
    page: Page, origin: str, keys: dict[str, Any], database: str
) -> None:
    """It changes data only as a copy of a call that did, whose key it has."""
    store, key = next(iter(keys["stores"].items()))
    query = """select i.stock_level, p.sku from retail.inventory as i
        join retail.products as p using (product_id) join retail.stores as s using (store_id)
        where s.name = %s order by p.sku limit 1"""

    def pasted() -> dict[str, Any]:
        command = ["bash", "-c", copied(page, "curl")]
        environment = {**os.environ, "ZAVA_API_KEY": key}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(done.stdout)["result"]["structuredContent"]
        return result

    with psycopg.connect(database, autocommit=True) as owner:

        def stock() -> tuple[int, str]:
            row = owner.execute(query, [store]).fetchone()
            assert row is not None
            return row

        before, sku = stock()
        sign_in(page, origin, key)
        page.goto(f"{origin}/#tools/adjust_inventory")
        page.get_by_text("Copy as a client call").click()
        for name, value in {"sku": sku, "change": "5", "reason": "stock-taking"}.items():
            page.locator(f"#field-{name}").fill(value)
        assert pasted()["is_dry_run"] is True, "nothing was run"

        page.get_by_role("button", name="Dry run").click()
        page.locator(".answer > .foot").wait_for()
        assert pasted()["is_dry_run"] is True
        assert stock()[0] == before

        page.get_by_role("button", name="Run and change data").click()
        page.get_by_role("dialog").get_by_role("button", name="Change data").click()
        page.get_by_role("dialog").locator("select").wait_for()
        page.get_by_role("dialog").get_by_role("button", name="Decline").click()
        page.locator(".answer .error").wait_for()
        assert pasted()["is_dry_run"] is True, "it was declined"
        assert stock()[0] == before

        page.get_by_role("button", name="Run and change data").click()
        page.get_by_role("dialog").get_by_role("button", name="Change data").click()
        page.get_by_role("dialog").locator("select").wait_for()
        answer_question(page)
        expect(page.locator(".answer .figures")).to_contain_text(str(before + 5))
        assert pasted()["is_dry_run"] is False
        assert stock()[0] == before + 5, "not once more"

        page.locator("#field-change").fill("6")
        assert pasted()["is_dry_run"] is True, "this was not run"
        assert stock()[0] == before + 5


def test_a_copied_list_is_python(page: Page, origin: str, keys: dict[str, Any]) -> None:
    sign_in(page, origin, next(iter(keys["stores"].values())))
    page.goto(f"{origin}/#tools/record_sale")
    lines = [{"sku": "HTHM001", "quantity": 1, "unit_price": None}, [True, [False, "a: true"]], []]
    page.locator("#field-lines").fill(json.dumps(lines))
    customer = "00000000-0000-7000-8000-000000000000"
    page.locator("#field-customer_id").fill(customer)
    key = page.locator("#field-idempotency_key").input_value()
    page.get_by_text("Copy as a client call").click()
    [call] = [
        node
        for node in ast.walk(ast.parse(copied(page, "Python")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "client.call_tool"
    ]
    assert [ast.literal_eval(argument) for argument in call.args] == [
        "record_sale",
        {"customer_id": customer, "idempotency_key": key, "lines": lines, "dry_run": True},
    ]


def test_a_prompt_completes_as_one_types(workbench: Page, origin: str, ask: Ask) -> None:
    workbench.goto(f"{origin}/#prompts/weekly_review")
    field = workbench.locator("main form input").first
    field.click()
    field.press_sequentially("Z")
    expect(workbench.locator("datalist option").first).to_be_attached()


def test_keys_and_names(workbench: Page, origin: str) -> None:
    workbench.goto(f"{origin}/#tools/get_daily_sales")
    workbench.locator("form .fields").wait_for()
    nameless = workbench.evaluate(
        """[...document.querySelectorAll('input, select, textarea, button, a')].filter(e =>
        !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label'))).length"""
    )
    assert nameless == 0
    workbench.get_by_role("button", name="Run", exact=True).focus()
    workbench.keyboard.press("Enter")
    expect(workbench.locator(".plot")).to_have_attribute("aria-label", re.compile("lines over"))


@pytest.mark.parametrize("tool", ["get_daily_sales", "compare_stores", "get_inventory_status"])
def test_a_phone_in_the_dark(workbench: Page, origin: str, tool: str, shot: Shot) -> None:
    workbench.set_viewport_size({"width": 400, "height": 800})
    workbench.emulate_media(color_scheme="dark")
    workbench.goto(f"{origin}/?")
    workbench.reload()
    run(workbench, origin, tool)
    assert workbench.evaluate("document.documentElement.dataset.theme") == "dark"
    assert workbench.evaluate("document.documentElement.scrollWidth") <= 400
    workbench.locator(".view").scroll_into_view_if_needed()
    shot(workbench, f"phone-{tool.replace('_', '-')}")


def test_the_operators_page(workbench: Page, origin: str, shot: Shot) -> None:
    workbench.goto(f"{origin}/#pages/Operations")
    expect(workbench.locator(".page-part")).to_have_count(4)
    expect(workbench.locator(".page-part .answer, .page-part .result")).to_have_count(4)
    shot(workbench, "operations")


def test_a_revoked_key_ends_at_the_sign_in(page: Page, origin: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        row = owner.execute(
            """select u, mcp_auth.create_api_key(u)
            from mcp_auth.add_user('Browser, revoked', 'head_office', '{}') as u"""
        ).fetchone()
        assert row is not None
        sign_in(page, origin, row[1])
        owner.execute("select mcp_auth.revoke_api_keys(%s)", [row[0]])
        page.goto(f"{origin}/#tools/get_daily_sales")
        run_again = page.get_by_role("button", name="Run", exact=True)
        form = page.get_by_label("API key")
        for _ in range(100):  # a key counts for a second after it was seen last
            if form.is_visible():
                break
            if run_again.is_visible():
                run_again.click()
            page.wait_for_timeout(50)
        expect(page.get_by_role("alert")).to_contain_text("unknown, expired or revoked")
    page.expected_errors = [  # type: ignore[attr-defined]
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
    ]


def test_a_lost_session_ends_at_the_sign_in(workbench: Page, origin: str, shot: Shot) -> None:
    other = workbench.context.new_page()
    other.goto(origin)
    workbench.goto(f"{origin}/#tools/get_daily_sales")
    other.get_by_role("button", name="Sign out").click()
    other.get_by_label("API key").wait_for()
    workbench.get_by_role("button", name="Run", exact=True).click()
    expect(workbench.locator("#sign-in-error")).to_have_text("You are signed out. Sign in again.")
    shot(workbench, "signed-out")
    workbench.expected_errors = [  # type: ignore[attr-defined]
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
    ]


def test_another_origin_gets_nothing_by_the_cookie(workbench: Page, origin: str) -> None:
    """A page of another port of the same machine: to a browser, the same site."""
    other = "http://127.0.0.1:4444/"
    page = workbench.context.new_page()
    forms: list[str] = []
    page.route(f"{other}**", lambda r: r.fulfill(body=forms[-1], content_type="text/html"))
    for path, field in {
        "/session": """name='{"key":"x' value='"}'""",
        "/mcp": """name='{"jsonrpc":"2.0","id":1,"method":"tools/list","x":"' value='"}'""",
    }.items():
        form = f"""<form method=post enctype=text/plain action="{origin}{path}">
            <input {field}><button>Go</button></form>"""
        forms.append(form)
        page.goto(other)
        with page.expect_navigation() as navigation:
            page.get_by_role("button").click()
        assert navigation.value.status in {401, 403}
    assert workbench.evaluate("fetch('/session').then(r => r.json())") == {
        "signed_in": True,
        "provider": False,
    }


def test_the_identity_provider_signs_people_in(
    page: Page, shim_url: str, database: str, tmp_path: Path, free_port: int, shot: Shot
) -> None:
    """The redirects are real; a person who is no user is told so, a user sees their tools."""
    with provider() as issuer, registered(database, oauth_browser=MANAGER) as key:
        settings = {
            "ZAVA_OAUTH_ISSUER": issuer.url,
            "ZAVA_OAUTH_AUDIENCE": f"http://127.0.0.1:{free_port}/mcp",
            "ZAVA_OAUTH_CLIENT_ID": "workbench",
            "ZAVA_ASSERTION_KEY": key,
        }
        log = tmp_path / "log"
        with another_server(shim_url, log, ZAVA_PORT=str(free_port), **settings) as (url, _):
            issuer.subject = "nobody"
            page.goto(url.removesuffix("/mcp"))
            page.get_by_role("link", name="Sign in with your identity provider").click()
            expect(page.get_by_role("alert")).to_contain_text("you are no user of this server")
            shot(page, "sign-in-provider")
            issuer.subject = "oauth-browser"
            page.get_by_role("link", name="Sign in with your identity provider").click()
            expect(page.get_by_role("link", name="Daily sales")).to_be_visible()
            assert page.url == f"http://127.0.0.1:{free_port}/"
            assert page.evaluate("document.cookie") == ""
