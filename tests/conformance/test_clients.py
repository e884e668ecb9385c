"""The whole surface as the SDK's client meets it, by handshake and without, over HTTP and stdio."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import anyio
import httpx2
import mcp_types as types
import psycopg
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server.subscriptions import ResourceUpdated, ToolsListChanged
from place import Place
from test_server import BOTH_ERAS, LEGACY, MODERN, bounded, error, run_sql, until

WATCHED = "test://watched-resource"
CHANGE: LiteralString = "select pg_notify('mcp_resource', '{}')"
TELL: LiteralString = "select mcp_tool.resource_changed('{}')"
PAGE: LiteralString = "update mcp_catalog.settings set value = '{}' where name = 'list_page_size'"
HELLO: tuple[LiteralString, ...] = (
    "create function api.hello() returns text language sql stable security definer"
    " set search_path = pg_catalog, pg_temp begin atomic select 'Hello'; end",
    "comment on function api.hello() is $$Says hello.\n\n@returns Hello.$$",
    "grant create on schema api to mcp_tools",
    "alter function api.hello() owner to mcp_tools",
    "revoke create on schema api from mcp_tools",
    "revoke all on function api.hello() from public",
    "grant execute on function api.hello() to mcp_core, head_office",
)


async def answer(_: Any, asked: types.ElicitRequestParams) -> types.ElicitResult:
    """A user who is called Alice and likes blue."""
    assert isinstance(asked, types.ElicitRequestFormParams)
    wanted = {"name": "Alice", "color": "blue"}
    content: dict[str, Any] = {key: wanted[key] for key in asked.requested_schema["properties"]}
    return types.ElicitResult(action="accept", content=content)


@asynccontextmanager
async def client(
    place: Place, mode: str, who: str = "head_office", **callbacks: Any
) -> AsyncIterator[Client]:
    """A client of the SDK."""
    headers = {"Authorization": f"Bearer {place.keys[who]}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(
            streamable_http_client(place.direct, http_client=http),
            mode=mode,
            cache=None,
            **callbacks,
        ) as opened,
    ):
        yield opened


def text_of(block: types.ContentBlock) -> str:
    """The text of a content block."""
    assert isinstance(block, types.TextContent)
    return block.text


def running(place: Place, part: LiteralString) -> int:
    """How many statements that mention something run in the database."""
    with psycopg.connect(place.database) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where usename = 'zava_mcp'"
            " and state = 'active' and application_name like %s",
            [f"%{part}%"],
        ).fetchone()
        assert row
        return int(row[0])


# Content, resources, prompts --------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_a_function_answers_with_content_of_several_types(place: Place, mode: str) -> None:
    async with client(place, mode) as c:
        result = await c.call_tool("test_multiple_content_types")
        assert [block.type for block in result.content] == ["text", "image", "resource"]
        failed = await c.call_tool("test_error_handling")
        assert failed.is_error


@BOTH_ERAS
@bounded
async def test_resources_prompts_and_completions(place: Place, mode: str) -> None:
    async with client(place, mode) as c:
        assert WATCHED in [resource.uri for resource in (await c.list_resources()).resources]
        templates = (await c.list_resource_templates()).resource_templates
        assert "test://template/{id}/data" in [template.uri_template for template in templates]
        [text] = (await c.read_resource("test://template/7/data")).contents
        assert isinstance(text, types.TextResourceContents)
        assert json.loads(text.text)["id"] == "7"
        names = [prompt.name for prompt in (await c.list_prompts()).prompts]
        assert "test_prompt_with_arguments" in names
        said = await c.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        assert "a" in text_of(said.messages[0].content)
        with pytest.raises(MCPError) as missing:
            await c.read_resource("test://nothing")
        assert missing.value.code == (-32602 if mode == MODERN else -32002)
        assert missing.value.data == {"uri": "test://nothing"}
        with pytest.raises(MCPError) as unknown:
            await c.get_prompt("nothing")
        assert (unknown.value.code, unknown.value.message) == (-32602, "Unknown prompt: nothing")
        with pytest.raises(MCPError) as bad:
            await c.get_prompt("test_prompt_with_arguments", {"arg1": "a"})
        assert bad.value.code == -32602
        assert bad.value.data["field"] == "arg2"


@BOTH_ERAS
@bounded
async def test_lists_have_pages(place: Place, mode: str) -> None:
    run_sql(place.database, PAGE.format("5"))
    try:
        async with client(place, mode) as c:
            page, names = await c.list_tools(), []
            while page.next_cursor:
                assert len(page.tools) == 5
                names += [tool.name for tool in page.tools]
                page = await c.list_tools(cursor=page.next_cursor)
            names += [tool.name for tool in page.tools]
            with pytest.raises(MCPError) as bad:
                await c.list_tools(cursor="nonsense")
            assert bad.value.code == -32602
    finally:
        run_sql(
            place.database,
            "update mcp_catalog.settings set value = '100' where name = 'list_page_size'",
        )
    async with client(place, mode) as c:
        assert names == [tool.name for tool in (await c.list_tools()).tools]


# Questions --------------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_a_function_asks_and_goes_on_with_the_answer(place: Place, mode: str) -> None:
    async with client(place, mode, elicitation_callback=answer) as c:
        result = await c.call_tool("test_input_required_result_elicitation")
        assert "Alice" in text_of(result.content[0])
        rounds = await c.call_tool("test_input_required_result_multi_round")
        assert not rounds.is_error


@BOTH_ERAS
@bounded
async def test_a_client_that_cannot_be_asked_is_told_what_is_missing(
    place: Place, mode: str
) -> None:
    async with client(place, mode) as c:
        if mode == LEGACY:
            said = error(await c.call_tool("test_input_required_result_elicitation"))
            assert said["code"] == "NO_ANSWER"
            assert "elicitation" in said["message"]
        else:
            with pytest.raises(MCPError) as refused:
                await c.call_tool("test_input_required_result_elicitation")
            assert refused.value.code == -32021
            assert refused.value.data == {"requiredCapabilities": {"elicitation": {}}}


# Live -------------------------------------------------------------------------------------------


class Listener:
    """What a client of the handshake is told outside of its calls."""

    def __init__(self) -> None:
        self.lists = asyncio.Event()
        self.uris: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, message: Any) -> None:
        """Take one message."""
        if isinstance(message, types.ToolListChangedNotification):
            self.lists.set()
        elif isinstance(message, types.ResourceUpdatedNotification):
            self.uris.put_nowait(message.params.uri)

    async def ready(self, place: Place, c: Client) -> None:
        """Wait until the client's stream, which it opens in the background, is open."""
        await c.subscribe_resource(WATCHED)
        while self.uris.empty():
            await asyncio.to_thread(run_sql, place.database, CHANGE.format(WATCHED))
            await asyncio.sleep(0.05)
        await c.unsubscribe_resource(WATCHED)
        while not self.uris.empty():
            self.uris.get_nowait()


@bounded
async def test_a_function_made_in_psql_is_there_and_a_dropped_one_is_gone(place: Place) -> None:
    """Clients of both eras are told of each change, and see it."""
    listener = Listener()
    async with (
        client(place, LEGACY, message_handler=listener) as old,
        client(place, MODERN) as new,
        new.listen(tools_list_changed=True) as changes,
    ):
        await listener.ready(place, old)
        for statements, is_there in ((HELLO, True), (("drop function api.hello()",), False)):
            listener.lists.clear()
            await asyncio.to_thread(run_sql, place.database, *statements)
            began = time.monotonic()
            assert await anext(aiter(changes)) == ToolsListChanged()
            await listener.lists.wait()
            print(f"both were told after {time.monotonic() - began:.2f} s")
            for c in (old, new):
                names = [tool.name for tool in (await c.list_tools()).tools]
                assert ("hello" in names) is is_there
                if is_there:
                    result = await c.call_tool("hello")
                    assert result.structured_content == {"value": "Hello"}


@bounded
async def test_who_subscribed_to_a_resource_is_told_that_it_changed(place: Place) -> None:
    listener = Listener()
    change = (TELL.format("test://static-text"), TELL.format(WATCHED))
    async with (
        client(place, LEGACY, message_handler=listener) as old,
        client(place, MODERN) as new,
        new.listen(resource_subscriptions=[WATCHED, "test://nothing"]) as changes,
    ):
        await listener.ready(place, old)
        assert changes.honored.resource_subscriptions == [WATCHED]  # of those one can read
        with pytest.raises(MCPError):
            await old.subscribe_resource("test://nothing")
        await old.subscribe_resource("test://static-text")
        await asyncio.to_thread(run_sql, place.database, *change)
        assert await anext(aiter(changes)) == ResourceUpdated(uri=WATCHED)
        assert await listener.uris.get() == "test://static-text"
        await old.unsubscribe_resource("test://static-text")
        await old.subscribe_resource(WATCHED)
        await asyncio.to_thread(run_sql, place.database, *change)
        assert await listener.uris.get() == WATCHED


# Long calls -------------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_progress_arrives_each_second_and_a_cancelled_call_leaves_the_database(
    place: Place, mode: str
) -> None:
    seen: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    async with client(place, mode) as c, anyio.create_task_group() as group:
        call = {"seconds": 20}
        group.start_soon(
            lambda: c.call_tool("test_long_running", call, progress_callback=on_progress)
        )
        await asyncio.to_thread(until, lambda: len(seen) >= 3)
        assert running(place, "test_long_running") == 1
        group.cancel_scope.cancel()
    began = time.monotonic()
    until(lambda: running(place, "test_long_running") == 0, 5)
    print(f"gone after {time.monotonic() - began:.2f} s")
    assert seen == [1, 2, 3]
