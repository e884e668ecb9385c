"""Names and comments in a database that hold SQL or shell: files written from them stay data."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from scratch import Project, new_database

from zava_mcp.project.adopt import guest_files
from zava_mcp.project.quoting import broken, dollar_quoted, one_line

# Each place makes a table of its own where its text ends a comment or a quoted text.
HOSTILE = """
create function public.greet(name text) returns text language sql stable
return 'Hello ' || name;
comment on function public.greet(text) is
$c$Say hello.
$comment$; create table public.owned_comment as table pg_am; --
$comme$comment$nt$; create table public.owned_once as table pg_am; --
 @tool sandbox$c$;

create table public.books (
    tenant_id bigint not null,
    "x$comment$; create table public.owned_column as table pg_am; --" bigint primary key,
    "%s %L, a" text
);
comment on column public.books."x$comment$; create table public.owned_column as table pg_am; --"
is $c$The number. $comment$; create table public.owned_doc as table pg_am; --$c$;
insert into public.books values (1, 1, 'a'), (2, 2, 'b');
create view public."view
create table public.owned_view as table pg_am; --" as select b.tenant_id from public.books as b;

create table public."shelves
create table public.owned_table as table pg_am; --" (
    shelf_id bigint primary key,
    "b
$body$; create table public.owned_body as table pg_am; --" text,
    "q
$query$; create table public.owned_query as table pg_am; --" text
);
create table public.cards (
    tenant_id bigint not null,
    "number
create table public.owned_mask as table pg_am; --" text
);
comment on column public.cards."number
create table public.owned_mask as table pg_am; --" is '@mask last4';
create function public."off
touch owned
"() returns trigger language plpgsql as 'begin return new; end';
"""
SHELVES = '"shelves\ncreate table public.owned_table as table pg_am; --"'


@pytest.fixture(scope="module")
def hostile(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project for such a database, of which everything is exposed; applied by a superuser."""
    folder = tmp_path_factory.mktemp("hostile")
    with new_database(server, is_ours=False) as uri:
        Project(uri, folder).rows(HOSTILE)
        Project(uri, folder).run("init", "shop", "--from", uri)
        project = Project(uri, folder / "shop")
        project.run("expose", "public.greet", "public.books", "--to", "shop_users")
        project.run("expose", f"public.{SHELVES}", "--to", "shop_users", "--as", "shelves")
        project.run("new", "policy", "public.books", "--tenant", "tenant_id")
        project.run("apply")
        yield project


def test_no_name_and_no_comment_becomes_sql(hostile: Project) -> None:
    made = "select array_agg(c.relname) from pg_class as c where c.relname ~ '^owned'"
    assert hostile.value(made) is None
    tests = hostile.json("test")
    assert [file for file in tests["files"] if file["failed"] or file["problems"]] == []
    assert tests["assertions"] > 0
    assert hostile.value(made) is None


def test_the_comment_of_the_original_is_kept_and_is_no_tag(hostile: Project) -> None:
    comment = "select obj_description('shop_api.greet(text)'::regprocedure)"
    text = str(hostile.value(comment))
    assert (
        "\n$comme$comment$nt$; create table public.owned_once as table pg_am; --\n @tool sandbox\n"
        in text
    )
    kinds = "select mcp_catalog.parse_comment(%s) -> 'tags'"
    assert hostile.rows(kinds, text) == [({"title": "Greet"},)]


def test_the_view_is_named_in_a_comment_of_one_line(hostile: Project) -> None:
    text = (hostile.sql / "policies" / "public.books.sql").read_text()
    assert (
        '\n-- Note: view public."view create table public.owned_view as table pg_am; --" reads'
    ) in text


def test_masked_columns_are_named_in_a_comment_of_one_line(hostile: Project) -> None:
    report = hostile.json("new", "policy", "public.cards", "--tenant", "tenant_id")
    policy, test = (hostile.sql / path for path in report["written"])
    try:
        assert (
            '\n-- masked: "number create table public.owned_mask as table pg_am; --"; free'
            in policy.read_text()
        )
    finally:
        policy.unlink()
        test.unlink()


def test_exposable_is_nothing_but_comments(hostile: Project, tmp_path: Path) -> None:
    file = hostile.root / "exposable.sh"
    assert [line for line in file.read_text().splitlines() if line[:1] not in ("", "#")] == []
    subprocess.run(["sh", str(file)], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_the_database_is_quoted_for_the_shell() -> None:
    facts = {"database": "a b;\n`rm x`/$y", "taken_schemas": [], "taken_roles": []}
    text = guest_files("shop", facts, [])["README.md"]
    assert "export DATABASE_URL=postgresql://owner@host/a%20b%3B%0A%60rm%20x%60%2F%24y\n" in text
    assert "ZAVA_DATABASE_URL=postgresql://shop_mcp@host/a%20b" in text
    assert "for the database a b; `rm x`/$y, whose" in text


@pytest.mark.parametrize("end", ["\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x00\n"])
def test_one_line_has_no_end_of_a_line(end: str) -> None:
    assert one_line(f"a{end}b") == "a b"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", "$t$a$t$"),
        ("a$t$b", "$t_$a$t$b$t_$"),
        ("a$t", "$t_$a$t$t_$"),
        ("$t$ $t_$", "$t__$$t$ $t_$$t__$"),
        ("$$t$t$", "$t_$$$t$t$$t_$"),
    ],
)
def test_a_quoted_text_does_not_end_within(database: str, text: str, quoted: str) -> None:
    assert dollar_quoted(text, "t") == quoted
    assert Project(database, Path()).rows(f"select {quoted}") == [(text,)]


def test_a_list_is_broken_between_its_names_alone() -> None:
    assert broken('a, "b,  c\n-", "d""e, f"', 20) == '    a, "b,  c\n-",\n    "d""e, f"'
