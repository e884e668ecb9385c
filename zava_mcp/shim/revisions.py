"""Protocol revisions: a message whose envelope and header name different ones is refused.

Where the header names a revision of the handshake era, or none, the SDK does not look.
"""

from __future__ import annotations

import json

from mcp_types import PROTOCOL_VERSION_META_KEY
from mcp_types.jsonrpc import HEADER_MISMATCH
from starlette.responses import JSONResponse, Response

from zava_mcp.shim.errors import shown

HEADER = "mcp-protocol-version"


def mismatch(header: str | None, body: bytes) -> Response | None:
    """Return the response that refuses a message, where its envelope names another revision."""
    if PROTOCOL_VERSION_META_KEY.encode() not in body:
        return None
    try:
        message = json.loads(body)
        named = message["params"]["_meta"][PROTOCOL_VERSION_META_KEY]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None  # no envelope, or no message: for the SDK to say
    if named == header:
        return None
    text = f"{HEADER} header does not match the request envelope's protocol version"
    error = {"code": HEADER_MISMATCH, "message": text}
    asked = message.get("id")
    known = shown(asked) if isinstance(asked, str | int) else None
    return JSONResponse({"jsonrpc": "2.0", "id": known, "error": error}, 400)
