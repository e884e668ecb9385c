"""``zava-mcp new policy TABLE --tenant COLUMN``: row-level security for a table that is in use.

What a tenant is comes from the column, who goes on as before from the privileges on the table
today: both are read from the catalogue of a database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from zava_mcp.migrate.ledger import USAGE, Connection, Failure
from zava_mcp.project.catalogue import SECRET, query
from zava_mcp.project.quoting import broken, remark

TEMPLATES = Path(__file__).resolve().parent / "templates" / "tenant"
PART = r'(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")'
TABLE = re.compile(rf"{PART}\.{PART}")
WIDTH = 100  # characters of a line, as lint has it
TOOLS = ("mcp_tools", "mcp_sandbox")
NO_TOOL = "current_user not in ('mcp_tools', 'mcp_sandbox')"
# types of a column, and the type that its scope is compared in
TYPES = {
    "uuid": "uuid",
    "smallint": "bigint",
    "integer": "bigint",
    "bigint": "bigint",
    "text": "text",
    "character varying": "text",
    "character": "text",
}
KINDS = {
    "v": "is a view: its tables have the policies. It applies those of who asks after"
    " alter view {} set (security_invoker = true)",
    "m": "is a materialized view, which has no row-level security: offer a function of its rows",
    "f": "is a foreign table, which has no row-level security: offer a function of its rows",
}


@dataclass(frozen=True)
class Tenancy:
    """A table, its tenant column, and the roles that see the same rows as before."""

    relation: dict[str, Any]
    column: str  # quoted where SQL wants it
    type: str  # of the scope: uuid, bigint or text
    cast: str  # the type that the column is compared in
    is_forced: bool
    binds_owner: bool  # as a member of the tools, on whom row-level security is forced
    roles: list[dict[str, Any]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def read_tenancy(
    conn: Connection, tree: str, table: str, column: str, kind: str | None, is_forced: bool
) -> Tenancy:
    """Read a table and its tenant column from a database, for the files of ``tree``.

    Raises Failure.
    """
    with conn.cursor(row_factory=dict_row) as cursor:

        def rows(name: str, **values: Any) -> list[dict[str, Any]]:
            return cursor.execute(query(name), {"tools": list(TOOLS), **values}).fetchall()

        found = rows("tenancy_table", table=table, column=column, secret=SECRET)
        if not found:
            bare = table.partition('."')[2].rstrip('"') or table.rpartition(".")[2]
            near = conn.execute(query("tenancy_near"), [bare]).fetchone()
            known = f"; there is {near[0]}" if near and near[0] else ""
            raise Failure(f"there is no table {table}{known}", USAGE)
        relation = found[0]
        shown = relation["shown"]
        if relation["kind"] in KINDS:
            raise Failure(f"{shown} {KINDS[relation['kind']].format(shown)}", USAGE)
        if relation["is_partition"]:
            raise Failure(
                f"{shown} is a partition: write the policy of {relation['parents']}", USAGE
            )
        if relation["is_of_tools"]:
            raise Failure(
                f"{shown} belongs to {relation['owner']}, of which the tools are members: no policy"
                " would bind them",
                USAGE,
            )
        if conn.execute("select to_regclass('mcp_migrate.made')").fetchone() != (None,):
            [ours] = rows("tenancy_ours", oid=relation["oid"], tree=tree)
            if ours["is_on_by_us"]:  # the file is written again
                relation |= {"is_on": False, "has_policies": ours["has_policies"]}
        columns = {row["name"]: row for row in rows("tenancy_columns", oid=relation["oid"])}
        if column not in columns:
            raise Failure(f"--tenant: {shown} has no column {column}: {', '.join(columns)}", USAGE)
        own = columns[column]["type"]
        scope = TYPES.get(own)
        if scope is None:
            raise Failure(
                f"--tenant: {column} is of type {own}: a scope is compared with uuid, bigint or"
                " text, and what is stored like them",
                USAGE,
            )
        if kind not in (None, scope):
            raise Failure(f"--type: {column} is of type {own}, which asks for {scope}", USAGE)
        # an owner is bound by FORCE alone; where policies stand already, they say who sees what
        binds = is_forced and not relation["is_owner_free"]
        roles = [] if relation["is_on"] else rows("tenancy_roles", oid=relation["oid"], owner=binds)
        views = rows("tenancy_views", oid=relation["oid"])
        binds_owner = relation["is_owner_member"] and not relation["is_owner_free"]
        binds_owner = binds_owner and (is_forced or relation["is_forced"])
        for view in views if binds_owner else ():
            if view["kind"] == "v" and view["owner"] == relation["owner"]:
                raise Failure(
                    f"row-level security of {shown} binds {relation['owner']}, a member of the"
                    f" tools: who reads view {view['name']} would need their functions. Let another"
                    f" login apply, a member of {relation['owner']}, or alter view {view['name']}"
                    " set (security_invoker = true)",
                    USAGE,
                )
        tenancy = Tenancy(
            relation,
            columns[column]["quoted"],
            scope,
            "bpchar" if own == "character" else scope,
            is_forced,
            binds_owner,
            roles,
        )
        tenancy.hints.extend(hints(tenancy, columns[column], views))
    return tenancy


def hints(tenancy: Tenancy, column: dict[str, Any], views: list[dict[str, Any]]) -> list[str]:
    """List what the policies do not decide."""
    relation = tenancy.relation
    found = []
    for view in views:
        if view["kind"] == "m":
            found.append(f"materialized view {view['name']} has rows of all tenants: no tool of it")
        else:
            found.append(
                f"view {view['name']} reads with the rights of {view['owner']}, around these"
                f" policies: alter view {view['name']} set (security_invoker = true), or no tool of"
                " it"
            )
    if relation["parents"]:
        found.append(
            f"it inherits from {relation['parents']}, through which its rows are read by the"
            " policies of that"
        )
    for secret in relation["secrets"]:
        also = ", but the view of masked columns has it: mask it too" if relation["masked"] else ""
        found.append(
            f"the column {secret} looks like a secret: mcp_sandbox gets no grant on it{also}"
        )
    if not column["is_required"]:
        found.append(f"a row whose {tenancy.column} is null is of no tenant: no tool sees it")
    if relation["is_on"]:
        found.append("row-level security is on already: who sees what by other policies is left")
    elif tenancy.roles:
        names = ", ".join(role["name"] for role in tenancy.roles)
        found.append(
            f"row-level security comes on, and PostgreSQL refuses to {names}: COPY FROM (INSERT"
            " goes on), and pg_dump without --enable-row-security"
        )
        found.append(
            f"for {names} PostgreSQL plans without the statistics of columns in conditions that are"
            " not leakproof, such as LIKE, @> and numbers of type numeric: look at slow queries"
        )
        shared = ", ".join(role["name"] for role in tenancy.roles if role["has_tools"])
        if shared:
            found.append(
                f"tools are members of {shared}, whose policy asks who reads: such conditions take"
                " no index either. Better grant to roles of the application, and revoke that"
            )
    return found


def quoted(name: str) -> str:
    """Quote a policy's name where SQL wants it; with its suffix it is no reserved word."""
    if re.fullmatch(r"[a-z_][a-z0-9_$]*", name):
        return name
    return '"{}"'.format(name.replace('"', '""'))


def literal(value: str) -> str:
    """Quote a text."""
    return "'{}'".format(value.replace("'", "''"))


def file_stem(relation: dict[str, Any]) -> str:
    """Name the files of a table: no two tables have one name, in whatever schemas they are."""
    return ".".join(
        re.sub(r"[^A-Za-z0-9_]", lambda found: f"~{ord(found[0]):x}", part)
        for part in (relation["schema"], relation["name"])
    )


def policy_name(relation: dict[str, Any], suffix: str) -> str:
    """Return the name of a policy: table and suffix, at most 63 bytes."""
    limit = 63 - len(suffix)
    name: str = relation["name"]
    return name.encode()[:limit].decode(errors="ignore") + suffix


def policies(tenancy: Tenancy, tools: str) -> str:
    """Write the file of the policies; a view that masks columns goes to the schema ``tools``."""
    relation = tenancy.relation
    table = relation["shown"]
    asked = f"any((select mcp_auth.scope_{tenancy.type}())::{tenancy.type}[]{as_column(tenancy)})"
    condition = f"{tenancy.column} = {asked}"
    tenant, before = policy_name(relation, "_tenant"), policy_name(relation, "_as_before")
    lines = [
        remark(
            f"{table}: tools see the rows whose {tenancy.column} is in the caller's scope; who had"
        ),
        "-- rights on the table before sees what it saw.",
        *(remark(f"Note: {hint}.") for hint in tenancy.hints),
        f"alter table {table} enable row level security;",
    ]
    if tenancy.is_forced:
        lines.append(f"alter table {table} force row level security;")
    lines += policy(
        table, tenant, "all", ", ".join(TOOLS), condition, "The tenants in the scope of the caller."
    )
    if relation["has_policies"]:  # one of them may be open to the tools
        free = f"{NO_TOOL} or {condition}" if tenancy.binds_owner else condition
        lines += policy(
            table,
            policy_name(relation, "_tenant_only"),
            "all",
            ", ".join(TOOLS),
            free,
            "Whatever other policies admit, the tenants in the scope of the caller.",
            "restrictive ",
        )
    own = [role["quoted"] for role in tenancy.roles if not role["has_tools"]]
    shared = [role["quoted"] for role in tenancy.roles if role["has_tools"]]
    if own:
        lines += policy(
            table,
            before,
            "all",
            ", ".join(own),
            "true",
            "Who had rights on the table before it had policies.",
        )
    if shared:  # tools are among them
        names = "public" if "public" in shared else ", ".join(shared)
        lines += policy(
            table,
            policy_name(relation, "_but_tools"),
            "all",
            names,
            NO_TOOL,
            "Who had rights on the table before it had policies; not the tools, which are members.",
        )
    if relation["is_schema_closed"]:
        lines += ["", f"grant usage on schema {relation['quoted_schema']} to {', '.join(TOOLS)};"]
    else:
        lines.append("")
    lines += [
        f"grant select on {table} to mcp_tools;",
        "-- by column: the whole table has system columns, which count the rows of other tenants",
        "grant select (",
        broken(relation["columns"], 96),
        f") on {table} to mcp_sandbox;",
        remark(f"for tools that write: grant insert, update, delete on {table} to mcp_tools;"),
    ]
    if relation["masked"]:
        view = f"{tools}.{quoted(relation['name'])}"
        lines += [
            "",
            remark(f"masked: {relation['masked']}; free queries read the view"),
            f"grant usage on schema {tools} to {', '.join(TOOLS)};",
            f"select mcp_migrate.mask_table({literal(table)}, {literal(view)});",
        ]
    return of_any_width("\n".join(lines) + "\n")


def of_any_width(text: str, *rules: str) -> str:
    """Let sqlfluff take lines that the names of a database make long, and against more rules."""
    is_long = any(len(line) > WIDTH for line in text.splitlines())
    disabled = ",".join(["LT05"] * is_long + list(rules))
    return f"-- noqa: disable={disabled}\n{text}" if disabled else text


def as_column(tenancy: Tenancy) -> str:
    """Cast the scope once more, where the column is compared in a type of its own."""
    return "" if tenancy.cast == tenancy.type else f"::{tenancy.cast}[]"


def policy(
    table: str, name: str, command: str, roles: str, condition: str, text: str, kind: str = ""
) -> list[str]:
    """Write a policy, which takes the place of the one of its name."""
    name = quoted(name)
    return [
        "",
        f"drop policy if exists {name} on {table};",
        f"create policy {name} on {table}",
        f"{'as ' + kind if kind else ''}for {command} to {roles}",
        f"using ({condition})",
        f"with check ({condition});",
        f"comment on policy {name} on {table} is",
        f"{literal(text)};",
    ]


def proof(tenancy: Tenancy, audience: str, has_fixture: bool) -> str:
    """Write the pgTAP file: what tools see, and what the others see."""
    relation, table, column = tenancy.relation, tenancy.relation["shown"], tenancy.column
    readers = [role["name"] for role in tenancy.roles if role["is_reader"]]
    count = f"select count(*) from {table}"  # noqa: S608 - names as the database quotes them
    # for format(): a % in a name is none of its places
    named, key = table.replace("%", "%%"), column.replace("%", "%%")
    change, place = f"update {named} set {key} =", f"where {key} = %L"  # noqa: S608
    words = {
        "-- TABLE_SQL": remark(table),
        "'COUNT_SQL'": literal(count),
        "'GIVE_SQL'": literal(f"{change} %L {place}"),
        "'UPDATE_SQL'": literal(f"{change} {key} {place}"),
        "'DELETE_SQL'": literal(f"delete from {named} {place}"),  # noqa: S608
        "'SCHEMA_NAME'": literal(relation["schema"]),
        "'TABLE_NAME'": literal(relation["name"]),
        "'POLICY_NAME'": literal(policy_name(relation, "_tenant")),
        "'AUDIENCE_NAME'": literal(audience or "tests_strangers"),
        "TABLE_SQL": table,
        "COLUMN_SQL": column,
        "PLANNED": str(9 + len(readers)),
        "-- FIXTURE\n": "select tests.load_fixture();\n" if has_fixture else "",
        "-- STRANGER\n": "" if audience else "select tests.stranger();\n",
    }
    reader = (TEMPLATES / "reader.sql").read_text(encoding="utf-8")
    words["-- READERS\n"] = "".join(
        filled(
            reader,
            {
                "'COUNT_SQL'": literal(count),
                "'SCHEMA_NAME'": literal(relation["schema"]),
                "'TABLE_NAME'": literal(relation["name"]),
                "'BEFORE_NAME'": literal(policy_name(relation, "_as_before")),
                "'BUT_TOOLS_NAME'": literal(policy_name(relation, "_but_tools")),
                "'ROLE_NAME'": literal(name),
            },
        )
        for name in readers
    )
    return of_any_width(filled((TEMPLATES / "test.sql").read_text(encoding="utf-8"), words))


def filled(text: str, words: dict[str, str]) -> str:
    """Fill in a template."""
    return re.sub("|".join(map(re.escape, words)), lambda word: words[word[0]], text)
