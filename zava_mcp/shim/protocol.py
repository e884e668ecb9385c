"""The SDK's protocol engine with our handlers, and what it promises to clients."""

from __future__ import annotations

import importlib.metadata
from functools import partial
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp_types.methods import CacheableMethod

from zava_mcp.shim import prompts, resources, tools
from zava_mcp.shim.lists import listing

if TYPE_CHECKING:
    from zava_mcp.shim.handlers import Shim

LIST_TTL_MS = 60_000  # how long a client may keep a list
CACHE_HINTS: dict[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(LIST_TTL_MS, "private"),
    "resources/list": CacheHint(LIST_TTL_MS, "private"),
    "resources/templates/list": CacheHint(LIST_TTL_MS, "private"),
    "prompts/list": CacheHint(LIST_TTL_MS, "private"),
    "resources/read": CacheHint(0, "private"),
    "server/discover": CacheHint(LIST_TTL_MS, "private"),
}
ALL_CHANGES = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)


class SessionServer(Server[Any]):
    """A server of clients with a session, who will hear of changes."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Return what the answer to initialize says."""
        return super().create_initialization_options(
            notification_options or ALL_CHANGES, experimental_capabilities, extensions
        )


def new_server(shim: Shim) -> Server[Any]:
    """Return the engine; what needs a session is there where clients can have one."""
    server: Server[Any] = (SessionServer if shim.keeps_sessions else Server)(
        "zava-mcp",
        version=package_version(),
        cache_hints=CACHE_HINTS,
        get_tool_input_schema=lambda _: None,  # else the SDK lists the tools before every call
        on_list_tools=partial(listing(types.ListToolsResult), shim),
        on_call_tool=partial(tools.call_tool, shim),
        on_list_resources=partial(listing(types.ListResourcesResult), shim),
        on_list_resource_templates=partial(listing(types.ListResourceTemplatesResult), shim),
        on_read_resource=partial(resources.read_resource, shim),
        on_list_prompts=partial(listing(types.ListPromptsResult), shim),
        on_get_prompt=partial(prompts.get_prompt, shim),
        on_completion=partial(prompts.complete, shim),
        on_subscriptions_listen=partial(resources.listen, shim),
    )
    if shim.keeps_sessions:
        add, clients = server.add_request_handler, shim.clients
        subscribe = partial(resources.subscribe, shim)
        add("logging/setLevel", types.SetLevelRequestParams, clients.set_level)
        add("resources/subscribe", types.SubscribeRequestParams, subscribe)
        add("resources/unsubscribe", types.UnsubscribeRequestParams, clients.unsubscribe)
        server.add_notification_handler(
            "notifications/initialized", types.NotificationParams, clients.initialized
        )
    return server


def package_version() -> str:
    """Return the version that is installed; a checkout that is not installed has none."""
    try:
        return importlib.metadata.version("zava-mcp")
    except importlib.metadata.PackageNotFoundError:
        return ""
