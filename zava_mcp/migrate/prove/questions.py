"""Choose the questions of a caller, with arguments that reach visible and hidden rows."""

from __future__ import annotations

import itertools
import json
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from zava_mcp.migrate.ledger import Connection, scalar

ABSENT_UUID = "0badbeef-0000-4000-8000-00000000beef"
OTHER_UUIDS = ["1cafe0de-1111-4111-9111-1111cafe0de1", "2deadbed-2222-4222-a222-22deadbed222"]
ABSENT_NUMBER = 987654321
NUMBERS = {"int2", "int4", "int8", "numeric", "float4", "float8"}
TEXTS = {"text", "varchar", "bpchar", "citext", "name"}


@dataclass(frozen=True, eq=False)
class Question:
    """One request of a caller.

    ``kind`` is tool, resource, prompt, completion, table or list; ``writes`` says whether it may
    change rows. ``probe`` is an id outside the scope, or one that does not exist, in the argument
    ``probed``: both must get the same answer.
    """

    kind: str
    name: str
    arguments: tuple[Any, ...]
    writes: bool = False
    function: int = 0
    probed: str = ""
    probe: str = ""
    is_absent: bool = False

    @property
    def call(self) -> str:
        """Return what is asked, without the arguments."""
        return f"{self.kind} {self.name}"

    def __str__(self) -> str:
        """Return the question as readable text."""
        shown = [each if isinstance(each, str) else json.dumps(each) for each in self.arguments]
        return " ".join([self.call, *shown])


@dataclass(frozen=True)
class Column:
    """A column whose values may be arguments; ``is_own`` when other tables only refer to it."""

    relation: int
    table: str
    name: str
    type: str
    is_own: bool


class Values:
    """Values that occur in the rows which a caller sees, and in those that are hidden."""

    def __init__(self, conn: Connection, columns: list[Column]) -> None:
        self._conn = conn
        self._columns = columns
        self._found = dict[tuple[int, str, bool], list[str]]()

    def sample(self, column: Column, is_hidden: bool, amount: int = 3) -> list[str]:
        """Return some values of a column, as text."""
        key = (column.relation, column.name, is_hidden)
        if key not in self._found:
            rows = self._conn.execute(
                "select pg_temp.prove_values(%s, %s, %s, %s)", [*key, amount]
            ).fetchall()
            self._found[key] = [value for (value,) in rows]
        return self._found[key]

    def is_hidden(self, column: Column, value: str) -> bool:
        """Return whether no row that the caller sees has the value in a column of that name."""
        query = "select pg_temp.prove_is_visible(%s, %s)"
        return column.is_own and not scalar(self._conn, query, [column.name, value])

    def columns_for(self, name: str, types: set[str]) -> list[Column]:
        """Return the columns that an argument is likely to mean, the likeliest first."""
        plain = re.sub(r"^(p|_|in|v)_", "", name)
        fitting = [column for column in self._columns if column.type in types]

        def rank(column: Column) -> int | None:
            table = column.table.rpartition(".")[2].strip('"')
            if column.name in (name, plain):
                return 0 if column.is_own else 1
            if plain in (f"{table}_{column.name}", f"{table.rstrip('s')}_{column.name}"):
                return 2
            if column.name.endswith(f"_{plain}") or plain.endswith(f"_{column.name}"):
                return 3
            return None

        ranked = [(place, column) for column in fitting if (place := rank(column)) is not None]
        if ranked:
            return [column for _, column in sorted(ranked, key=lambda each: each[0])][:3]
        # no column of that name: any key of the type
        return [column for column in fitting if column.is_own][:3]


@dataclass(frozen=True)
class Choice:
    """A value for an argument; hidden when it is taken from rows that the caller does not see."""

    value: Any
    source: str = ""  # visible, hidden, absent
    text: str = ""


def choices(name: str, schema: dict[str, Any], values: Values, base: str) -> list[Choice]:
    """Return values for one argument, those that any caller may send first."""
    if "enum" in schema:
        return [Choice(label) for label in schema["enum"] if label is not None]
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
    if kind == "boolean":
        return [Choice(True), Choice(False)]
    if kind == "array":
        inner = choices(name, schema.get("items", {}), values, base)
        least = max(1, schema.get("minItems", 1))
        return [Choice([each.value] * least, each.source, each.text) for each in inner[:4]]
    if kind == "object":
        return objects(schema.get("properties", {}), values)
    if kind in ("integer", "number"):
        return numbers(name, schema, values)
    return texts(name, "uuid" if base == "uuid" else schema.get("format", ""), values)


def objects(properties: dict[str, Any], values: Values) -> list[Choice]:
    """Return objects, each with another value in every field."""
    offered = {key: choices(key, part, values, "") for key, part in properties.items()}
    return [
        Choice({key: some[min(turn, len(some) - 1)].value for key, some in offered.items() if some})
        for turn in range(3)
    ]


def numbers(name: str, schema: dict[str, Any], values: Values) -> list[Choice]:
    """Return the bounds of an argument and values that occur, or one that does not."""
    found = [
        each for each in sampled(name, NUMBERS, values, json.loads) if math.isfinite(each.value)
    ]
    bounds = [Choice(schema[key]) for key in ("minimum", "maximum") if key in schema]
    if bounds:
        return [*bounds[:1], *found[:1], *bounds[1:], *found[1:]]
    return [*found, Choice(ABSENT_NUMBER, "absent", str(ABSENT_NUMBER))]


def texts(name: str, form: str, values: Values) -> list[Choice]:
    """Return texts of a JSON Schema format that occur, or some that do not."""
    if form == "uuid":
        found = sampled(name, {"uuid"}, values, str)
        return [*found, Choice(ABSENT_UUID, "absent", ABSENT_UUID)]
    if form.startswith(("date", "time")):
        found = sampled(name, {"date", "timestamptz", "timestamp"}, values, str)
        if form == "date":
            return [*(Choice(each.value[:10]) for each in found), Choice("2026-01-01")]
        return [Choice("2026-01-01T00:00:00Z")]
    return [*sampled(name, TEXTS, values, str), Choice("a"), Choice("prove")]


def sampled(name: str, types: set[str], values: Values, read: Any) -> list[Choice]:
    """Return a visible value, then hidden ones, of the columns that an argument may mean."""
    visible, hidden = list[Choice](), list[Choice]()
    for column in values.columns_for(name, types):
        visible += [Choice(read(each), "visible") for each in values.sample(column, False)[:1]]
        hidden += [
            Choice(read(each), "hidden" if values.is_hidden(column, each) else "", each)
            for each in values.sample(column, True)[:2]
        ]
    return [*visible[:1], *hidden[:4], *visible[1:2]]


def argument_sets(
    parameters: list[dict[str, Any]], values: Values, queries: list[str], pick: random.Random
) -> Iterator[tuple[dict[str, Any], str, Choice | None]]:
    """Yield arguments: the required ones alone, then each one varied; with what was varied."""
    offered = dict[str, list[Choice]]()
    for each in parameters:
        if each["type_name"] == "mcp_tool.cursor":
            continue
        if each["type_name"] == "mcp_tool.query_text":
            offered[each["client_name"]] = [Choice(query) for query in queries]
        elif each["type_name"] == "mcp_tool.idempotency_key":
            offered[each["client_name"]] = [Choice("prove-1")]
        else:
            base = each["type_name"].rpartition(".")[2]
            offered[each["client_name"]] = choices(each["name"], each["schema"] or {}, values, base)
    required = {
        each["client_name"]: offered[each["client_name"]]
        for each in parameters
        if each["is_required"] and offered.get(each["client_name"])
    }
    base = {name: some[0].value for name, some in required.items()}
    yield base, "", None
    everything = {name: some[0].value for name, some in offered.items() if some}
    if everything != base:
        yield everything, "", None
    varied = [
        [(name, choice) for choice in some[1 if name in required else 0 :]]
        for name, some in offered.items()
    ]
    for some in varied:  # hidden values and the absent one before what any caller sends
        first = [each for each in some if each[1].source in ("hidden", "absent")]
        rest = [each for each in some if each not in first]
        pick.shuffle(rest)
        some[:] = first + rest
    for turn in itertools.zip_longest(*varied):
        for each in filter(None, turn):
            name, choice = each
            yield {**base, name: choice.value}, name, choice


def embeddings(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a request with a vector for every argument that the shim would embed."""
    made = {
        each["name"]: [round(0.01 * ((7 * place) % 11 - 5), 2) for place in range(size)]
        for each in parameters
        if (size := each["dimensions"])
    }
    return {"embeddings": made} if made else {}


def choose(
    offered: list[dict[str, Any]],
    readable: list[dict[str, Any]],
    values: Values,
    pick: random.Random,
    per_call: int,
) -> list[Question]:
    """Return the questions of one caller, at most ``per_call`` of each tool, resource or prompt."""
    questions = [Question("list", name, ()) for name in ("tools", "resources", "prompts", "skills")]
    queries = list[str]()
    for table in readable:
        columns = ", ".join(f'"{name}"' for name in table["columns"])
        order = ", ".join(f'"{name}"' for name in table["keys"])
        query = f"select {columns} from {table['name']}"  # noqa: S608
        query += f" order by {order} limit 5000" if order else ""
        questions.append(Question("table", table["name"], (query,)))
        queries.append(query)
    pick.shuffle(queries)
    queries = [query.replace("limit 5000", "limit 20") for query in queries[:4]]
    for each in offered:
        if not each["is_granted"]:
            if each["kind"] == "tool":
                questions.append(Question("hidden tool", each["name"], ({},)))
            continue
        made = dict[str, Question]()
        for arguments, varied, choice in argument_sets(each["parameters"], values, queries, pick):
            if len(made) >= per_call:
                break
            probe = choice.text if choice and choice.source in ("hidden", "absent") else ""
            parts = asked_of(each, arguments)
            if parts is None:
                continue
            question = Question(
                kind=each["kind"],
                name=each["name"],
                arguments=parts,
                writes=not each["is_read_only"],
                function=each["function"],
                probed=varied if probe else "",
                probe=probe,
                is_absent=bool(choice and choice.source == "absent"),
            )
            made.setdefault(str(question), question)
        questions += made.values()
        questions += [
            Question(
                "completion",
                f"{each['name']}.{name}",
                (
                    {"type": "ref/prompt", "name": each["name"]}
                    if each["kind"] == "prompt"
                    else {"type": "ref/resource", "uri": each["uri"]},
                    {"name": name, "value": typed},
                ),
                function=each["function"],
            )
            for name in each["completed"]
            for typed in ("", "a", "0")
        ]
    return questions


def asked_of(each: dict[str, Any], arguments: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return the arguments as the entry point takes them; None where an address lacks one."""
    if each["kind"] == "resource":
        names = re.findall(r"\{\+?(\w+)\}", each["uri"])
        if any(name not in arguments for name in names):
            return None
        return (
            re.sub(
                r"\{\+?(\w+)\}",
                lambda found: quote(text_of(arguments[found[1]]), safe=""),
                each["uri"],
            ),
        )
    if each["kind"] == "prompt":
        return ({name: text_of(value) for name, value in arguments.items()},)
    request = embeddings(each["parameters"])
    return (arguments, request) if request else (arguments,)


def text_of(value: Any) -> str:
    """Return a value as an address or a prompt has it."""
    return value if isinstance(value, str) else json.dumps(value)
