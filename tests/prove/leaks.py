"""Seed leaks of known kinds into the shop of shop.sql, one at a time: SQL that opens a way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

TABLES = ("members", "orders", "assets")
SUMS = ("count(*)", "sum(credit)", "max(name)")
HEAD = "set search_path = pg_catalog, pg_temp"


class Leak(NamedTuple):
    """A leak: its kind, what it is about, and the SQL that makes it."""

    kind: str
    about: str
    sql: str


def leaks() -> Iterator[Leak]:
    """Yield every leak."""
    for table in TABLES:
        yield from of_policies(table)
        yield from of_rows(table)
        for number, expression in enumerate(SUMS):
            yield from of_values(table, expression, number)


def tool(name: str, returns: str, body: str, comment: str = "A test.", how: str = "stable") -> str:
    """Return the SQL of a plpgsql function that is offered."""
    signature = name if "(" in name else f"{name}()"
    arguments = [
        each.split()[0] for each in signature.partition("(")[2].rstrip(")").split(", ") if each
    ]
    params = "".join(f"\n@param {each}  A value." for each in arguments)
    summary, _, tags = comment.partition("\n\n")
    comment = f"{summary}\n{params}\n{tags}"
    return (
        f"create function shop_api.{signature} returns {returns} language plpgsql {how}"
        f" security definer {HEAD} as $body$ {body} $body$;"
        f" call shop.offer('shop_api.{signature.partition('(')[0]}', '{comment}');"
    )


def of_policies(table: str) -> Iterator[Leak]:
    """Yield leaks by what row-level security says of a table."""
    where = f"shop.{table}"
    yield Leak("policy dropped", table, f"alter table {where} disable row level security")
    for condition in (
        "true",
        "tenant_id is not null",
        "credit >= 20",
        "(select mcp_auth.scope_uuid()) is not null",
    ):
        yield Leak(
            "predicate loosened",
            f"{table}: {condition}",
            f"alter policy {table}_all on {where} using"
            f" (tenant_id = any((select mcp_auth.scope_uuid())::uuid[]) or {condition})",
        )
    yield Leak(
        "predicate loosened",
        f"{table}: second policy",
        f"create policy {table}_more on {where} for select to mcp_tools, mcp_sandbox using (true)",
    )


def of_rows(table: str) -> Iterator[Leak]:
    """Yield leaks by constraints, triggers, defaults, caches and order."""
    where = f"shop.{table}"
    key = {"members": "member_id", "orders": "order_id", "assets": "asset_id"}[table]
    scope = "(mcp_auth.scope_uuid())[1]"
    columns = "tenant_id, name, credit"
    yield Leak(
        "unique oracle",
        table,
        f"create unique index on {where} (name);"
        + tool(
            "add_row(name text)",
            "void",
            f"begin insert into {where} ({columns}) values ({scope}, add_row.name, 1); end",
            how="volatile",
        ),
    )
    kind = "bigint" if table == "orders" else "uuid"
    yield Leak(
        "foreign-key oracle",
        table,
        f"create unique index {table}_{key} on {where} ({key});"
        f" create table shop.notes (tenant_id uuid not null, {key} {kind},"
        f" foreign key ({key}) references {where} ({key}));"
        " alter table shop.notes enable row level security;"
        " create policy notes_all on shop.notes to mcp_tools"
        " using (tenant_id = any((select mcp_auth.scope_uuid())::uuid[]));"
        " grant select, insert on shop.notes to mcp_tools;"
        + tool(
            f"add_note({key} {kind})",
            "void",
            f"begin insert into shop.notes values ({scope}, add_note.{key}); end",
            how="volatile",
        ),
    )
    yield Leak(
        "trigger writes across tenants",
        table,
        f"create function shop.spread() returns trigger language plpgsql security definer as"
        f" $t$ begin update {where} set credit = credit + 1 where tenant_id <> new.tenant_id;"
        " return null; end $t$;"
        f" create trigger spread after insert on {where} for each row when (pg_trigger_depth() = 0)"
        " execute function shop.spread();"
        + tool(
            "add_row(name text)",
            "void",
            f"begin insert into {where} ({columns}) values ({scope}, add_row.name, 1); end",
            how="volatile",
        ),
    )
    yield Leak(
        "default from another tenant",
        table,
        f"create function shop.last_credit() returns integer language sql security definer as"
        f" $d$ select coalesce(max(credit), 1) from {where} $d$;"
        f" alter table {where} alter column credit set default shop.last_credit();"
        + tool(
            "add_row(name text)",
            "integer",
            f"declare v integer; begin insert into {where} (tenant_id, name) values"
            f" ({scope}, add_row.name) returning credit into v; return v; end",
            how="volatile",
        ),
    )
    yield Leak(
        "cache key without the scope",
        table,
        "create table shop.cache (name text primary key, value text);"
        " grant select, insert on shop.cache to mcp_tools;"
        + tool(
            "cached(name text)",
            "text",
            "declare v text; begin select c.value into v from shop.cache as c where"
            " c.name = cached.name; if not found then"
            f" select string_agg(t.name, ',' order by t.name) into v from {where} as t;"
            " insert into shop.cache values (cached.name, v); end if; return v; end",
            how="volatile",
        ),
    )
    for direction in ("asc", "desc"):
        yield Leak(
            "ordering by a hidden column",
            f"{table} {direction}",
            f"create function shop.rank(wanted text) returns bigint language sql stable"
            f" security definer as $r$ select sum(hashtext(t.name || wanted || t.credit)::bigint)"
            f" from {where} as t where t.tenant_id <> all(mcp_auth.scope_uuid()) $r$;"
            + tool(
                "ranked",
                "setof text",
                f"begin return query select t.name::text from {where} as t"
                f" order by hashtext(t.name || shop.rank(t.name)) {direction}; end",
            ),
        )
    for name, query in (
        ("rows", f"select name, credit from {where}"),
        ("count", f"select count(*) as n from {where}"),
        ("extremes", f"select min(name) as name, max(credit) as credit from {where}"),
    ):
        yield Leak(
            "view of a superuser",
            f"{table} {name}",
            f"create view shop.seen as {query};"
            " grant select on shop.seen to mcp_tools, mcp_sandbox",
        )
        yield Leak(
            "materialized view",
            f"{table} {name}",
            f"create materialized view shop.seen as {query};"
            " grant select on shop.seen to mcp_tools, mcp_sandbox",
        )
    for mask, body in (
        ("of a row", f"return query select t.pin from {where} as t order by t.name"),
        ("of all rows", f"return query select md5(string_agg(t.pin, '')) from {where} as t"),
    ):
        yield Leak(
            "masked value read around its mask",
            f"{table} {mask}",
            masked(table) + tool("pins", "setof text", f"begin {body}; end"),
        )
    yield Leak(
        "id outside the scope told from none",
        table,
        f"create function shop.is_there(wanted text) returns boolean language sql stable"
        " security definer as"
        f" $i$ select exists (select from {where} where {key}::text = wanted) $i$;"
        + tool(
            f"open_row({key} {kind})",
            "text",
            f"begin if not exists (select from {where} as t where t.{key} = open_row.{key}) then"
            f" if shop.is_there(open_row.{key}::text) then perform mcp_tool.not_allowed('row');"
            " end if; perform mcp_tool.not_found('row'); end if; return 'open'; end",
        ),
    )


def masked(table: str) -> str:
    """Return the SQL of a column of a table that nobody may see, and of the view that masks it."""
    where = f"shop.{table}"
    return (
        f"alter table {where} add pin text not null default '1234';"
        f" comment on column {where}.pin is '@mask null';"
        f" select mcp_migrate.mask_table('{where}', '{where}_masked');"
    )


def of_values(table: str, expression: str, number: int) -> Iterator[Leak]:
    """Yield the ways by which a value of all tenants can leave a function."""
    about = f"{table} {expression}"
    peek = (
        "create function shop.peek() returns text language sql stable security definer as"
        f" $p$ select ({expression})::text from shop.{table} $p$;"
    )
    yield Leak(
        "definer function", about, peek + tool("tell", "text", "begin return shop.peek(); end")
    )
    yield Leak(
        "error text",
        about,
        peek + tool("tell", "text", "begin raise exception 'no more than %', shop.peek(); end"),
    )
    yield Leak(
        "count in a NOTICE",
        about,
        peek + tool("tell", "text", "begin raise notice '% rows', shop.peek(); return ''; end"),
    )
    yield Leak(
        "completion",
        about,
        peek
        + "drop function shop_api.complete_name();"
        + tool(
            "complete_name",
            "setof text",
            "begin return query select shop.peek(); end",
            "Names.\n\n@completes review.name",
        ),
    )
    yield Leak(
        "resource",
        about,
        peek
        + tool(
            "total",
            "text",
            "begin return shop.peek(); end",
            'Total.\n\n@resource uri="shop://total" mime="text/plain"',
        ),
    )
    yield Leak(
        "prompt",
        about,
        peek
        + tool(
            "totals",
            "setof mcp_tool.prompt_message",
            "begin return query select m.* from"
            " mcp_tool.message('user', mcp_tool.text(shop.peek())) as m; end",
            "Totals.\n\n@prompt",
        ),
    )
    yield Leak(
        "cursor with a hidden key",
        about,
        peek
        + tool(
            "pages(page_size mcp_tool.page_size default 1, cursor mcp_tool.cursor default null)",
            "table (name text, place text)",
            "begin return query select k.name, shop.peek() from shop.kinds as k"
            " order by k.kind_id limit 2; end",
            "Pages.\n\n@tool page_key=name,place",
        ),
    )
