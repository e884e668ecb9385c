"""JSON-RPC messages: the head is decoded, params stay the text that came.

One scan by a parser in C finds the parts; nothing else here takes time in proportion to a message.
The SDK validates _meta; its verdicts are cached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import mcp_types as types
import msgspec
from mcp import MCPError as ProtocolError
from mcp.server.connection import Connection
from mcp.shared.inbound import (
    InboundModernRoute,
    classify_inbound_request,
    decode_header_value,
)
from mcp_types.jsonrpc import HEADER_MISMATCH
from mcp_types.methods import validate_client_request
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError as ModelError

from zava_mcp.shim.answer.client import Client
from zava_mcp.shim.answer.errors import VALUE_SHOWN, excerpt
from zava_mcp.shim.answer.results import escaped
from zava_mcp.shim.call.methods import METHODS

META_BYTES = 16_384  # of an envelope
REMEMBERED = 1024  # values of _meta
INVALID = "Invalid request parameters"
VERSION_KEY = types.PROTOCOL_VERSION_META_KEY.encode()
VERSION_HEADER, METHOD_HEADER, NAME_HEADER = "mcp-protocol-version", "mcp-method", "mcp-name"
NO_JSON = "Parse error: send JSON in UTF-8, no NaN, no half of a surrogate pair, no deep nesting."
NO_BATCH = "Batches are not taken: send one message at a time."


class Head(msgspec.Struct):
    """The fields that are decoded of every message."""

    jsonrpc: Literal["2.0"]
    method: str | msgspec.UnsetType = msgspec.UNSET  # an answer of the client's has none
    id: int | str | msgspec.UnsetType = msgspec.UNSET  # a notification has none
    params: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))

    @property
    def is_request(self) -> bool:
        """Whether the message is a request."""
        return self.id is not msgspec.UNSET and self.method is not msgspec.UNSET


def raw(text: bytes) -> Any:
    """Return a field that keeps its JSON text; ``text`` is its default."""
    return msgspec.field(default_factory=lambda: msgspec.Raw(text))


class Params(msgspec.Struct):
    """The fields that are decoded of params; the database reads the rest."""

    name: str | None = None
    uri: str | None = None
    taskId: str | None = None  # noqa: N815
    cursor: str | None = None
    requestState: str | None = None  # noqa: N815
    arguments: msgspec.Raw = raw(b"{}")
    inputResponses: msgspec.Raw = raw(b"null")  # noqa: N815
    meta: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b""), name="_meta")


PARAMS = msgspec.json.Decoder(Params)
HEAD = msgspec.json.Decoder(Head)
TRACE = ("traceparent", "tracestate", "baggage")
LEVELS = get_args(types.LoggingLevel)

C = TypeVar("C", bound=Client)


class Request(NamedTuple):
    """A request for the database."""

    id: int | str
    method: str
    name: str  # of a tool or prompt, the URI of a resource, or the id of a task
    params: bytes
    arguments: bytes
    client: Client  # as its _meta has it, without a name or revision where that has none
    groups: tuple[str, ...] = ()  # of tools, which its address names


def parse_head(body: bytes) -> Head:
    """Decode the head of a message. Raises ProtocolError, for an answer without an id."""
    try:
        body.decode()  # what msgspec leaves as it came may be no UTF-8
        return HEAD.decode(body)
    except msgspec.ValidationError as error:
        if body.lstrip()[:1] == b"[":
            raise ProtocolError(types.INVALID_REQUEST, NO_BATCH) from None
        text = "Body must be a single JSON-RPC request or notification object"
        raise ProtocolError(types.INVALID_REQUEST, f"{text}: {error}") from None
    except (ValueError, RecursionError):
        raise ProtocolError(types.PARSE_ERROR, NO_JSON) from None


def is_for_database(head: Head) -> bool:
    """Return whether the database answers a message. The SDK answers all others.

    Raises ProtocolError for a method that hides something, since the SDK would repeat it raw.
    """
    if not head.is_request:
        return False
    method = str(head.method)
    if method in METHODS:
        return True
    if escaped(method) != method:
        raise ProtocolError(types.METHOD_NOT_FOUND, "Method not found", excerpt(method))
    return False


def parse_request(
    head: Head,
    revision: str | None,
    headers: Mapping[str, str] | None = None,
    groups: tuple[str, ...] = (),
) -> Request:
    """Parse a request for the database. Raises ProtocolError.

    ``headers`` are those of HTTP. Without them (stdio), _meta may name another revision than the
    session's. ``groups`` are those that the address names.
    """
    method, text = str(head.method), bytes(head.params)
    known = METHODS[method]
    text = b"{}" if text == b"null" else text
    try:
        params = PARAMS.decode(text)
    except (ValueError, RecursionError) as error:
        raise invalid_params(str(error)) from None
    name = getattr(params, known.named, None)
    if known.named and name is None:
        raise invalid_params(f"Object missing required field `{known.named}`")
    arguments = bytes(params.arguments)
    arguments = b"{}" if arguments == b"null" else arguments
    check_object(arguments, "arguments")
    check_object(bytes(params.inputResponses), "inputResponses")
    if method == "prompts/get":
        check_texts(arguments)
    elif method == "resources/read":
        arguments = msgspec.json.encode({"uri": name})
    name = name or ""
    if headers is None:
        revision = named_revision(bytes(params.meta)) or revision
    client = parse_meta(method, revision, bytes(params.meta))
    if headers is not None and client.is_modern:
        named = decode_header_value(headers.get(NAME_HEADER)) if known.in_header else name
        if headers.get(METHOD_HEADER) != method or named != name:
            refuse_mismatch(method, name, bytes(params.meta), headers)
    return Request(head.id, method, name, text, arguments, client, groups)  # type: ignore[arg-type]


def named_revision(meta: bytes) -> str | None:
    """Return the revision that _meta names, if it needs no handshake; else None."""
    fields = decode_meta(meta) if VERSION_KEY in meta else None
    revision = fields.get(types.PROTOCOL_VERSION_META_KEY) if isinstance(fields, dict) else None
    return revision if revision in MODERN_PROTOCOL_VERSIONS else None


def decode_meta(meta: bytes) -> Any:
    """Return the value of _meta. Raises ProtocolError."""
    try:
        return msgspec.json.decode(meta)
    except ValueError as error:  # it is JSON, but a number may be beyond every type
        raise invalid_params(f"{str(error).partition(' - at ')[0]} - at `$._meta`") from None


def check_object(text: bytes, name: str) -> None:
    """Raise ProtocolError if a JSON text is no object."""
    if text != b"null" and text[:1] != b"{":
        raise invalid_params(f"Expected `object` - at `$.{name}`")


def check_texts(arguments: bytes) -> None:
    """Raise ProtocolError if an argument of a prompt is no string."""
    try:
        msgspec.json.decode(arguments, type=dict[str, str])
    except msgspec.ValidationError as error:
        raise invalid_params(str(error).replace("`$[...]`", "`$.arguments`")) from None


def invalid_params(problem: str) -> ProtocolError:
    """Return the error for invalid params; its data names the field."""
    text, _, place = problem.partition(" - at `$")
    field_name = place.strip("`.") or (text.split("`")[1] if "required field" in text else "")
    data = {"field": field_name or "params", "problem": text}
    return ProtocolError(types.INVALID_PARAMS, INVALID, data)


def refuse_mismatch(method: str, name: str, meta: bytes, headers: Mapping[str, str]) -> None:
    """Raise ProtocolError, which names the header that differs from the body."""
    named = METHODS[method].named
    params = {named: name, "_meta": decode_meta(meta)}
    verdict = classify_inbound_request({"method": method, "params": params}, headers=headers)
    if not isinstance(verdict, InboundModernRoute):
        raise ProtocolError(verdict.code, verdict.message, verdict.data)
    text = f"{NAME_HEADER} header does not match the request body's {named!r} parameter"
    raise ProtocolError(HEADER_MISMATCH, text)


parsed_metas: dict[tuple[str, str | None, bytes], Client] = {}  # by method, revision and _meta


def parse_meta(method: str, revision: str | None, meta: bytes) -> Client:
    """Return the client that _meta describes, from the cache if it came before."""
    if not (meta or revision in MODERN_PROTOCOL_VERSIONS):
        return Client()
    if len(meta) > META_BYTES:
        raise invalid_params(f"It has {len(meta)} bytes, {META_BYTES} are allowed - at `$._meta`")
    key = (method, revision, meta)
    if key not in parsed_metas:
        if len(parsed_metas) >= REMEMBERED:
            parsed_metas.clear()
        parsed_metas[key] = validate_meta(method, revision, meta)
    return parsed_metas[key]


def validate_meta(method: str, revision: str | None, meta: bytes) -> Client:
    """Return the client that _meta describes, validated by the SDK. Raises ProtocolError."""
    fields = decode_meta(meta) if meta else None
    sample = METHODS[method].sample if method in METHODS else None
    params = {**(sample or {}), **({} if fields is None else {"_meta": fields})}
    is_modern = revision in MODERN_PROTOCOL_VERSIONS
    route = None
    if is_modern:
        headers = {VERSION_HEADER: str(revision), METHOD_HEADER: method}
        slim = {"method": method, "params": {"_meta": fields}}
        verdict = classify_inbound_request(slim, headers=headers)
        if not isinstance(verdict, InboundModernRoute):
            raise ProtocolError(verdict.code, verdict.message, verdict.data)
        route = verdict
    elif (
        isinstance(fields, dict)
        and fields.get(types.PROTOCOL_VERSION_META_KEY, revision) != revision
    ):
        text = f"{VERSION_HEADER} header does not match the request envelope's protocol version"
        raise ProtocolError(HEADER_MISMATCH, text)
    if sample is not None:
        try:
            validate_client_request(method, revision or types.DEFAULT_NEGOTIATED_VERSION, params)
        except ModelError as error:
            where = ".".join(map(str, error.errors()[0]["loc"][1:])) or "_meta"
            raise invalid_params(f"{error.errors()[0]['msg']} - at `$.{where}`") from None
    client = Client("", str(revision) if is_modern else "", is_modern)
    if isinstance(fields, dict):
        client.progress_token = fields.get("progressToken")
        client.trace = {name: fields[name] for name in TRACE if isinstance(fields.get(name), str)}
        if route is not None:
            parameters = Connection.from_envelope(
                route.protocol_version, route.client_info, route.client_capabilities
            ).client_params
            info = parameters.client_info if parameters else None
            client.name = printable(f"{info.name} {info.version}") if info else ""
            client.capabilities = fields.get(types.CLIENT_CAPABILITIES_META_KEY) or {}
            client.levels = levels_from(fields.get(types.LOG_LEVEL_META_KEY))
    return client


def levels_from(level: str | None) -> frozenset[str]:
    """Return a log level and all above it; an empty set for an unknown level."""
    return frozenset(LEVELS[LEVELS.index(level) :]) if level in LEVELS else frozenset()


def check_envelope(head: Head, revision: str | None) -> None:
    """Raise ProtocolError if the _meta of a message for the SDK names another revision."""
    try:
        meta = bytes(PARAMS.decode(bytes(head.params)).meta)
    except ValueError:
        return  # for the SDK to say
    if VERSION_KEY in meta:
        parse_meta(str(head.method), revision, meta)


def make_client(request: Request, revision: str, agent: str, kind: type[C]) -> C:
    """Return the client of a request, named by its _meta or else by ``agent``.

    It is a copy: what a _meta describes is kept for all requests that bring it.
    """
    client = kind.__new__(kind)
    vars(client).update(vars(request.client))
    client.groups = request.groups
    client.name = client.name or printable(agent)
    client.revision = client.revision or revision
    return client


def printable(client: str) -> str:
    """Return the beginning of a client's name without unprintable characters, for the call log."""
    return client[:200] if client.isprintable() else "".join(filter(str.isprintable, client))[:200]


def id_excerpt(value: Any) -> int | str | None:
    """Return the id of a message, shortened, to be repeated in an error."""
    if isinstance(value, int):
        return value if len(str(value)) <= VALUE_SHOWN else str(value)[:VALUE_SHOWN]
    return excerpt(value) if isinstance(value, str) else None
