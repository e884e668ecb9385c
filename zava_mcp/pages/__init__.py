"""The web pages: the page that draws a result inside an MCP host, and the workbench at /.

``source/`` is JavaScript, which ``make pages`` builds into ``built/``. The wheel holds what was
built; without it the server offers no page, and says nothing of pictures to clients.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

BUILT = Path(__file__).with_name("built")
UI = "io.modelcontextprotocol/ui"  # the extension of MCP
PREFIX = "ui://mcp/tools/"  # where the pictures of tools are
EMBEDDED = '<script type="application/json" id="picture">'


@cache
def page(name: str) -> bytes | None:
    """Return a file that was built, None where it is missing."""
    path = BUILT / name
    return path.read_bytes() if path.is_file() else None


def app(picture: str) -> str:
    """Return the HTML page that draws results. ``picture`` is JSON text.

    Raises FileNotFoundError where no page was built.
    """
    html = page("app.html")
    if html is None:
        raise FileNotFoundError(BUILT / "app.html")
    text = picture.replace("<", "\\u003c")  # no text of a picture ends the element that holds it
    return html.decode().replace(f"{EMBEDDED}null", EMBEDDED + text, 1)


def with_page(result: str) -> str:
    """Return a result of resources/read, JSON text, with a page around the picture in it."""
    found = json.loads(result)
    for contents in found["contents"]:
        contents["text"] = app(contents["text"])
    return json.dumps(found)


def extensions(announced: Any) -> dict[str, dict[str, Any]]:
    """Return the extensions that a client announced, without pages where none was built."""
    found = dict(announced) if isinstance(announced, dict) else {}
    if page("app.html") is None:
        found.pop(UI, None)
    return found
