"""The files of a tool over an object that exists: the function around it, and its test."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from zava_mcp.project.policies import file_stem, of_any_width
from zava_mcp.project.policies import literal as text_literal
from zava_mcp.project.quoting import broken, dollar_quoted, one_line

TEMPLATES = Path(__file__).resolve().parent / "templates" / "expose"
LINE = 100  # characters
PAGE = 50  # rows of a page, where the caller does not say
SUMMARY = 100  # characters of the first line, as the catalogue has it
KEPT = r"^@"  # a line of theirs that would read as a tag


@dataclass
class Wrapper:
    """A tool over an object: what its file says."""

    kind: str
    original: str
    api: str
    tool: str
    audiences: list[str]
    path: list[str]
    described: dict[str, Any]
    reach: dict[str, Any]
    has_policy: bool = False  # the project has one for the table
    arguments: list[str] = field(default_factory=list)  # as the header has them
    types: list[str] = field(default_factory=list)  # of the inputs: the signature
    docs: list[tuple[str, str]] = field(default_factory=list)
    returns: str = ""
    language: str = "sql"
    body: str = ""
    tags: str = ""
    gives: str = ""
    assertion: str = "answer"
    direct: str = ""  # the query of the original, for the test
    values: dict[str, Any] = field(default_factory=dict)  # the arguments of the test

    @property
    def function(self) -> str:
        """Its name with the schema."""
        return f"{self.api}.{self.tool}"

    @property
    def signature(self) -> str:
        """Its name with the types of the inputs."""
        types = ", ".join(self.types)
        if len(types) > LINE - 40:
            types = f"\n{broken(types, LINE)}\n"
        return f"{self.function}({types})"

    @property
    def search_path(self) -> str:
        """Return the search_path that its text body, and the functions it calls, need."""
        extra = self.path if self.described["needs_path"] else []
        return ", ".join(["pg_catalog", *extra, "pg_temp"])


def wrap_relation(wrapper: Wrapper) -> None:
    """Return a tool that reads a table or view, with filters, and pages by its key."""
    facts, tool = wrapper.described, wrapper.tool
    key, source = facts["key"], f"{facts['identity']} as t"
    conditions = []
    for one in facts["filters"]:
        wrapper.arguments.append(f"{one['quoted']} {one['type']} default null")
        wrapper.types.append(one["type"])
        wrapper.docs.append((one["name"], one["doc"]))
        given = f"{tool}.{one['quoted']}"
        column = f"t.{one['column']}"
        if one["suffix"] == "_is_null":
            column = f"({column} is null)"
        conditions.append(f"({given} is null or {column} {one['operator']} {given})")
    if key:
        columns = ", ".join(f"t.{column['quoted']}" for column in key)
        starts = ", ".join(
            f"({tool}.cursor ->> {text_literal(column['name'])})::{column['type']}"
            for column in key
        )
        wrapper.arguments += [
            f"page_size mcp_tool.page_size default {PAGE}",
            "cursor mcp_tool.cursor default null",
        ]
        wrapper.types += ["mcp_tool.page_size", "mcp_tool.cursor"]
        wrapper.docs += [
            ("page_size", "Rows a page."),
            ("cursor", "next_cursor of the page before."),
        ]
        conditions.append(f"({tool}.cursor is null or ({columns}) > ({starts}))")
        tail = f"    order by {columns}\n    limit {tool}.page_size + 1"
        named = ",".join(column["name"] for column in key)
        wrapper.tags = (
            f" page_key={named}" if re.fullmatch(r"[\w,]+", named) else f' page_key="{named}"'
        )
        wrapper.values = {"page_size": 5}
    else:
        wrapper.arguments.append(f"max_results mcp_tool.row_limit default {PAGE}")
        wrapper.types.append("mcp_tool.row_limit")
        wrapper.docs.append(("max_results", "How many rows, in no order."))
        tail = f"    limit {tool}.max_results"
        wrapper.values = {"max_results": 5}
    selected = ",\n        ".join(f"t.{column['quoted']}" for column in facts["columns"])
    where = "\n        and ".join(conditions)
    wrapper.language = "plpgsql"  # it plans for the filters that are given
    wrapper.body = (
        f"begin\n    return query\n    select\n        {selected}\n    from {source}\n"
        + (f"    where {where}\n" if where else "")
        + f"{tail};\nend"
    )
    wrapper.returns = f"returns table ({listed(typed(facts['columns']))})"
    wrapper.gives = "One row each" + (", by its key." if key else ".")
    wrapper.assertion = "rows" if key else "count"
    chosen = ", ".join(f"t.{column['quoted']}" for column in facts["columns"])
    order = f" order by {', '.join('t.' + column['quoted'] for column in key)}" if key else ""
    wrapper.direct = " ".join(["select", chosen, f"from {source}{order} limit 5"])


def wrap_routine(wrapper: Wrapper) -> None:
    """Return a tool that calls a function or procedure."""
    facts, tool = wrapper.described, wrapper.tool
    columns = facts["columns"]
    inputs = [one for one in facts["arguments"] if one["mode"] in ("i", "b", "v")]
    results = {column["name"] for column in columns}
    for one in inputs:
        # an argument and a column of the result cannot share a name
        one["own"] = one["prefixed"] if one["name"] in results else one["quoted"]
        default = f" default {one['default']}" if one["default"] is not None else ""
        wrapper.arguments.append(f"{one['own']} {one['type']}{default}")
        wrapper.types.append(one["type"])
        name = one["own"].strip('"')
        wrapper.docs.append((name, one["doc"] or f"TODO: say what {name} means."))
        if not default:
            wrapper.values[name] = one["sample"]
    call = called(facts, inputs, [f"{tool}.{one['own']}" for one in inputs])
    direct = called(
        facts, inputs, [one["default"] or literal(one["sample"], one["type"]) for one in inputs]
    )
    aliases = ", ".join(column["quoted"] for column in columns)
    selected = ",\n        ".join(f"f.{column['quoted']}" for column in columns)
    if facts["is_procedure"]:
        wrap_procedure(wrapper, inputs)
    elif columns:
        wrapper.body = f"    select\n        {selected}\n    from {call} as f ({aliases});"
        wrapper.direct = f"select f.* from {direct} as f ({aliases})"  # noqa: S608
        wrapper.assertion = "count" if facts["is_set"] else "row"
    else:
        wrapper.body = f"    select {call};"
        wrapper.direct = f"select {direct} as value"
        wrapper.assertion = "count" if facts["is_set"] else "row"
    if facts["is_set"] and columns:
        wrapper.returns = f"returns table ({listed(typed(columns))})"
    elif columns:
        wrapper.arguments += [f"out {column}" for column in typed(columns)]
    elif facts["is_void"]:
        wrapper.returns = "returns void"
    else:
        wrapper.returns = f"returns {'setof ' if facts['is_set'] else ''}{facts['result_type']}"
    if facts["is_volatile"] or facts["is_procedure"] or facts["is_void"]:
        wrapper.assertion = "answer"
    one_or_more = "Nothing." if facts["is_void"] else "What it gives."
    wrapper.gives = (
        f"What {facts['identity']} gives, row by row." if facts["is_set"] else one_or_more
    )


def wrap_procedure(wrapper: Wrapper, inputs: list[dict[str, Any]]) -> None:
    """Return the body that calls a procedure and returns its output arguments."""
    wrapper.language = "plpgsql"
    facts, tool = wrapper.described, wrapper.tool
    own = {one["name"]: one["own"] for one in inputs}
    lines, passed = list[str](), list[str]()
    outputs = iter(facts["columns"])
    for one in facts["arguments"]:
        column = next(outputs)["quoted"] if one["mode"] in ("o", "b") else None
        if one["mode"] == "b":
            lines.append(f"    {tool}.{column} := {tool}.{own[one['name']]};")
        passed.append(f"{tool}.{column or own[one['name']]}")
    lines.append(f"    call {called(facts, facts['arguments'], passed)};")
    wrapper.body = "\n".join(["begin", *lines, "end"])


def called(facts: dict[str, Any], arguments: list[dict[str, Any]], values: list[str]) -> str:
    """Write a call: by name, by which an overload is found, from where all arguments have one."""
    bare = [at for at, one in enumerate(arguments, 1) if not one["original"]]
    passed = [
        ("variadic " if one["mode"] == "v" else "")
        + (f"{one['original']} => " if at >= max(bare, default=0) else "")
        + value
        for at, (one, value) in enumerate(zip(arguments, values, strict=True))
    ]
    return f"{facts['identity']}({', '.join(passed)})"


def typed(columns: list[dict[str, Any]]) -> list[str]:
    """Write columns with their types."""
    return [f"{column['quoted']} {column['type']}" for column in columns]


def literal(value: Any, type_name: str) -> str:
    """Write a sample value as SQL."""
    if isinstance(value, list):
        return f"'{{}}'::{type_name}"
    if value and isinstance(value, dict):  # a composite one
        return f"row({', '.join(['null'] * len(value))})::{type_name}"
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text.replace(chr(39), chr(39) * 2)}'::{type_name}"


def files_of(wrapper: Wrapper) -> dict[str, str]:
    """Return the texts of the function's file and of its test, by their paths in the project."""
    name = wrapper.tool.strip('"')
    is_procedure = wrapper.described.get("is_procedure")
    volatile = wrapper.described.get("is_volatile") or is_procedure
    plans = wrapper.language == "plpgsql" and not is_procedure
    plan = "\nset plan_cache_mode = force_custom_plan" if plans else ""
    values = {
        "KIND": wrapper.kind,
        "ORIGINAL": one_line(wrapper.original),
        "GRANTS": "\n".join(grants(wrapper)),
        "FUNCTION": wrapper.function,
        "ARGUMENTS": listed(wrapper.arguments),
        "RETURNS": wrapper.returns and f"\n{wrapper.returns}",
        "LANGUAGE": wrapper.language,
        "VOLATILITY": "volatile" if volatile else "stable",
        "SETTINGS": f"set search_path = {wrapper.search_path}{plan}",
        "BODY": dollar_quoted(f"\n{wrapper.body}\n", "body"),
        "SIGNATURE": wrapper.signature,
        "COMMENT": dollar_quoted(f"\n{comment(wrapper)}\n", "comment"),
        "AUDIENCES": ", ".join(wrapper.audiences),
    }
    names = [column["name"] for column in wrapper.described["columns"]]
    special = ["RF05"] if any(re.search(r"\W", each) for each in names) else []
    text = of_any_width(filled("tool", values), *special)
    texts = {
        "AUDIENCE_TEXT": f"'{wrapper.audiences[0]}'",
        "AUDIENCE": wrapper.audiences[0],
        "TOOL_TEXT": f"'{name}'",
        "VALUES": f"'{json.dumps(wrapper.values).replace(chr(39), chr(39) * 2)}'",
        "QUERY": dollar_quoted(wrapped(wrapper.direct, " " * 12), "query"),
        "ORIGINAL": wrapper.original.replace("'", "''"),
        "FUNCTION": wrapper.function,
        "SEARCH_PATH": ", ".join(wrapper.path) or "public",
        "SIGNATURE": wrapper.signature.replace("'", "''"),
        "CALLERS": ", ".join(f"'{name}'" for name in sorted([*wrapper.audiences, "mcp_core"])),
        "NOTE": "-- choose arguments for which there is something\n"
        if wrapper.values.keys() - {"page_size", "max_results"}
        else "-- a policy restricts its rows: the caller of the fixture needs a scope with some\n"
        if wrapper.has_policy
        else "",
    }
    template = wrapper.assertion
    assertion = filled(template, texts)
    if template == "row" and not wrapper.described["columns"]:
        assertion = assertion.replace("    ),\n    (\n", "    ) -> 'value',\n    (\n", 1)
        assertion = assertion.replace("select r.value\n", "select r.value -> 'value'\n", 1)
    compared = filled("compared", texts) if wrapper.has_policy else ""
    texts["PLANNED"] = "3" if compared else "2"
    test = of_any_width(filled("test", {**texts, "ASSERTION": assertion + compared}))
    return dict(zip(paths_of(wrapper.api, name), (text, test), strict=True))


def paths_of(api: str, tool: str) -> tuple[str, str]:
    """Return the paths of a tool's function and of its test in the project."""
    return f"functions/{api}/tools/{tool}.sql", f"tests/{api}/tools/test_{tool}.sql"


def wrapped(text: str, indent: str) -> str:
    """Break a long query after commas, if no quoted name contains one."""
    if len(text) < LINE - 40 or re.search(r"\"[^\"]*\s[^\"]*\"|'[^']*\s[^']*'", text):
        return text
    lines = [""]
    for part in text.split(", "):
        if lines[-1] and len(lines[-1]) + len(part) > LINE - len(indent) - 4:
            lines.append("")
        lines[-1] += f"{part}, "
    lines[-1] = lines[-1].removesuffix(", ")
    broken = "\n".join(f"{indent}{line.rstrip()}" for line in lines)
    return f"\n{broken.replace(' from ', chr(10) + indent + 'from ', 1)}\n{indent}"


def filled(template: str, values: dict[str, str]) -> str:
    """Fill in a template; what is filled in is not filled in again."""
    text = (TEMPLATES / f"{template}.sql").read_text(encoding="utf-8")
    words = "|".join(sorted(values, key=len, reverse=True))
    return re.sub(rf"\b({words})\b", lambda word: values[word[0]], text)


def listed(arguments: list[str]) -> str:
    """Write arguments on one line, or one a line where they are many."""
    line = ", ".join(arguments)
    if len(arguments) < 3 and len(line) < LINE - 40:
        return line
    return "\n    " + ",\n    ".join(arguments) + "\n"


def grants(wrapper: Wrapper) -> list[str]:
    """List the grants by which mcp_tools may use the original and what that uses."""
    reach = wrapper.reach
    facts = wrapper.described
    schemas = list(dict.fromkeys([*reach["schemas"], *facts["type_schemas"]]))
    # the core makes values of their types
    roles = {schema: ", mcp_core" if schema in facts["type_schemas"] else "" for schema in schemas}
    found = [f"grant usage on schema {name} to mcp_tools{more};" for name, more in roles.items()]
    for relation in reach["relations"]:
        privileges = ", ".join(relation["privileges"])
        if facts.get("is_partial") and relation["identity"] == facts["identity"]:
            privileges = f"select ({', '.join(column['quoted'] for column in facts['columns'])})"
        found.append(f"grant {privileges} on {relation['identity']} to mcp_tools;")
    found += [f"grant usage on sequence {name} to mcp_tools;" for name in reach["sequences"]]
    found += [
        f"grant execute on {routine['kind']} {routine['identity']} to mcp_tools;"
        for routine in reach["routines"]
    ]
    return found


def comment(wrapper: Wrapper) -> str:
    """Write the comment: from the original, or a summary that the author must complete."""
    facts = wrapper.described
    prose = re.sub(KEPT, " @", facts["comment"].strip(), flags=re.MULTILINE)
    first, _, rest = prose.partition("\n")
    if not first:
        original = one_line(wrapper.original)
        summary, rest = f"TODO: say what {original} gives, for whom, in which units.", ""
        if len(summary) > SUMMARY:
            summary = "TODO: say what it gives, for whom and in which units."
    elif len(first) > SUMMARY:
        summary, rest = f"{first[: SUMMARY - 3].rpartition(' ')[0]}...", prose
    else:
        summary = first
    # a blank before @ stays, by which it is no tag
    lines = [summary, "", *([rest.strip("\n"), ""] if rest.strip() else [])]
    width = max((len(name) for name, _ in wrapper.docs), default=0)
    lines += [one_line(f"@param {name:{width}}  {doc}") for name, doc in wrapper.docs]
    lines.append(one_line(f"@returns {wrapper.gives}"))
    title = wrapper.tool.strip('"').replace("_", " ").capitalize()
    lines.append(f'@tool title="{title}"{wrapper.tags}')
    return "\n".join(lines)


def notices(wrapper: Wrapper, secured: Collection[str]) -> list[str]:
    """Return what the person who exposes it should know of the rows that callers get.

    ``secured`` names the files of policies that the project has, applied or not.
    """
    reach, found = wrapper.reach, list[str]()
    tables = {
        kind: dict.fromkeys(
            table["shown"] for table in reach[kind] if file_stem(table) not in secured
        )
        for kind in ("open_tables", "closed_tables")
    }
    for table in tables["open_tables"]:
        found.append(
            f"{table} has no row-level security: every caller of {', '.join(wrapper.audiences)}"
            f" sees every row; zava-mcp new policy {quote(table)} --tenant COLUMN restricts it"
        )
    for table in tables["closed_tables"]:
        found.append(
            f"{table} has row-level security, and no policy is for mcp_tools: the tool sees none of"
            f" its rows; zava-mcp new policy {quote(table)} --tenant COLUMN writes one"
        )
    if reach["is_unknown"]:
        found.append(
            "what it reads cannot be seen (another language, or dynamic SQL): grant mcp_tools by"
            " hand what its test says is missing"
        )
    if wrapper.described.get("is_procedure") or wrapper.described.get("is_volatile"):
        found.append(
            f"{wrapper.tool} is a tool that writes, without dry_run and idempotency_key:"
            " docs/authors.md says how to add them"
        )
    if wrapper.has_policy:
        found.append(
            f"the test of {wrapper.tool} asks as a caller of tests/helpers/fixture.sql: it fails"
            " until one of the audience has a scope with rows"
        )
    found += wrapper.described["notes"]
    return found
