"""The checks in a database that others made: what is judged, what zava.toml accepts, the pages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from scratch import ROOT, Project, new_database
from test_core_alone import CLINIC

from zava_mcp.config import ConfigError, read_project

PAGES = ROOT / "docs" / "checks"
# an application as many are: no comments, no index on a foreign key, partitions, PUBLIC functions
THEIRS = """
create table public.country (country_id integer primary key, name text);
create table public.film (
    film_id integer primary key, tenant integer, country_id integer references public.country
);
create table public.payment (film_id integer, day integer) partition by list (day);
create table public.payment_1 partition of public.payment for values in (1);
create table public.payment_2 partition of public.payment for values in (2);
create view public.film_list as select film_id from public.film;
create materialized view public.film_count as select count(*) as films from public.film;
create function public.films() returns bigint language sql security definer
begin atomic select count(*) from public.film; end;
create function public.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update on public.film for each row execute function public.touch();
"""
POLICY = """\
alter table public.film enable row level security;
drop policy if exists film_select on public.film;
create policy film_select on public.film for select to mcp_tools using (tenant = 1);
comment on policy film_select on public.film is 'Films of the first tenant.';
grant select on public.film to mcp_tools;
"""
LEAK = """
alter view public.film_list owner to postgres;
grant usage on schema public to mcp_tools;
grant select on public.film_list to mcp_tools;
"""


@pytest.fixture
def clinic(server: str, tmp_path: Path) -> Iterator[Project]:
    """The core and a small project in a database that holds an application of others."""
    with new_database(server) as uri:
        made = Project(uri, tmp_path)
        for path, text in CLINIC.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        made.rows(THEIRS)
        made.write({"policies/public.film.sql": POLICY})
        yield made


def accept(project: Project, *lines: str) -> None:
    (project.root / "zava.toml").write_text(
        CLINIC["zava.toml"] + "[checks]\naccept = [" + ", ".join(lines) + "]\n"
    )


def numbers(project: Project, code: int = 1, notes: bool = False) -> list[tuple[str, str]]:
    found = project.json("verify", code=code)["findings"]
    return [(each["check"], each["object"]) for each in found if notes or each["level"] != "note"]


def test_a_policy_in_a_schema_of_others_has_nothing_else_judged(clinic: Project) -> None:
    """One policy made all of public ours once, and gave hundreds of findings."""
    clinic.run("apply", "--no-lockdown")
    assert numbers(clinic, code=0) == []
    assert clinic.run("drift").endswith(" 0 differ\n")
    clinic.rows("create function public.theirs() returns integer language sql return 1")
    assert clinic.run("drift").endswith(" 0 differ\n")
    # what is of ours there is still compared and checked
    clinic.rows("alter policy film_select on public.film using (true)")
    assert "modified\tpolicy film_select on public.film" in clinic.run("drift", code=1)
    clinic.rows("grant usage on schema public to mcp_tools")
    assert ("ZM112", "film_select on public.film") in numbers(clinic)


def test_apply_all_drops_nothing_of_others(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    query = "select count(*) from pg_depend where refobjid = 'public'::regnamespace"
    before = clinic.value(query)
    report = clinic.json("apply", "--all", "--no-lockdown")
    assert report["dropped"] == []
    assert clinic.value(query) == before
    assert clinic.value("select public.films()") == 0


def test_what_goes_around_row_level_security_is_found_and_refused(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    clinic.rows(LEAK)
    clinic.rows("grant select (films) on public.film_count to mcp_sandbox")
    clinic.rows("grant execute on function public.films() to mcp_tools")
    clinic.rows("grant usage on schema public to mcp_sandbox")
    found = numbers(clinic)
    assert [each for each in found if each[0] < "ZM3" and each[0] != "ZM105"] == [
        ("ZM121", "public.film_list"),
        ("ZM122", "public.film_count"),
        ("ZM134", "public.films()"),
    ]
    # apply keeps nothing while it is so
    clinic.write({"policies/public.film.sql": POLICY.replace("tenant = 1", "tenant = 2")})
    said = clinic.run("apply", code=70)
    assert "checks failed, nothing was kept:\nZM121 public.film_list: its owner postgres" in said
    # the remedies that the findings name
    clinic.rows("alter view public.film_list set (security_invoker = true)")
    clinic.rows("revoke all on public.film_count from mcp_sandbox")
    clinic.rows("revoke execute on function public.films() from public, mcp_tools")
    clinic.run("apply")
    assert [each for each in numbers(clinic, code=0) if each[0] < "ZM3"] == []


def test_what_zava_toml_accepts_is_no_finding(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    clinic.rows(LEAK)
    clinic.rows("revoke execute on function public.films() from public")
    view = '{check = "ZM121", object = "public.film_list", reason = "one tenant"}'
    accept(clinic, view)
    clinic.run("apply", "--all")
    assert [each for each in numbers(clinic, code=0) if each[0] < "ZM3"] == []
    said = clinic.run("verify", "--accepted")
    assert "\tZM121\tpublic.film_list\t" in said
    assert "\tone tenant\n" in said
    assert "; 1 accepted\n" in said
    # of another object it is one
    accept(clinic, view.replace("film_list", "film_lists"))
    assert ("ZM121", "public.film_list") in numbers(clinic)
    said = clinic.run("verify", code=1)
    assert "zava.toml accepts ZM121 of public.film_lists, which is not found" in said
    # a star stands for the rest of a name
    notes = '{check = "ZM302", object = "column public.*", reason = "documented elsewhere"}'
    assert [each for each in numbers(clinic, code=1, notes=True) if each[1].startswith("column")]
    accept(clinic, view, notes)
    left = numbers(clinic, code=0, notes=True)
    assert not [each for each in left if each[1].startswith("column")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{check = "ZM121", object = "x"}', "checks.accept.reason must be a string"),
        ('{check = "ZM121", objects = "x"}', "unknown key checks.accept.objects"),
        ('"ZM121"', "checks.accept must be a list of tables"),
    ],
)
def test_what_zava_toml_accepts_wants_a_reason(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "zava.toml"
    path.write_text(f'[project]\nname = "shop"\n[checks]\naccept = [{line}]\n')
    with pytest.raises(ConfigError) as caught:
        read_project(path)
    assert message in caught.value.message


def test_warnings_and_notes_are_counted_by_apply_and_stop_nothing(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    clinic.rows("comment on table clinic.appointments is null")
    clinic.write({"policies/public.film.sql": POLICY.replace("tenant = 1", "tenant = 2")})
    said = clinic.run("apply")
    assert "1 warning, 4 notes: zava-mcp migrate verify\n" in said
    assert numbers(clinic) == [("ZM301", "table or view clinic.appointments")]


def test_baseline_lists_accepts_and_judges(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    standing = {row["schema"]: row["standing"] for row in clinic.json("baseline")["schemas"]}
    assert standing["public"] == "accepted"
    assert standing["clinic"] == standing["mcp_auth"] == "checked"
    # a schema of others that is to be checked as a whole
    clinic.run("baseline", "--check", "public")
    found = numbers(clinic)
    assert ("ZM301", "table or view public.country") in found
    assert ("ZM131", "public.films()") in found
    assert ("ZM311", "film_country_id_fkey on public.film") in found
    assert "unmanaged\troutine public.films()" in clinic.run("drift", code=1)
    clinic.run("baseline", "public")
    assert numbers(clinic, code=0) == []
    # one of ours that another team keeps by now
    clinic.rows("comment on table clinic.appointments is null")
    assert ("ZM301", "table or view clinic.appointments") in numbers(clinic)
    clinic.run("baseline", "clinic")
    assert ("ZM301", "table or view clinic.appointments") not in numbers(clinic, code=0)
    assert "it is the toolkit's own" in clinic.run("baseline", "mcp_auth", code=64)
    assert "has no such schema" in clinic.run("baseline", "nowhere", code=64)


def test_a_rollback_forgets_the_schemas_of_its_file(clinic: Project) -> None:
    query = "select schema::text from mcp_migrate.schema where tree = 'clinic' order by 1"
    clinic.run("apply", "--no-lockdown")
    assert clinic.rows(query) == [("clinic",), ("clinic_api",)]
    clinic.run("rollback", "--to", "0", "--yes")
    assert clinic.rows(query) == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('local = "public.film"', "distribute.local must be a list of strings"),
        ("by = ['public.film']", "distribute.by must be a table"),
        ("by = {tenant = 'public.film'}", "distribute.by.tenant must be a list of strings"),
        ("locals = []", "unknown key distribute.locals; closest: local"),
    ],
)
def test_what_zava_toml_distributes_is_lists_of_tables(
    tmp_path: Path, lines: str, message: str
) -> None:
    path = tmp_path / "zava.toml"
    path.write_text(f'[project]\nname = "shop"\n[distribute]\n{lines}\n')
    with pytest.raises(ConfigError) as caught:
        read_project(path)
    assert message in caught.value.message


def test_the_schema_is_compared_with_what_zava_toml_distributes(clinic: Project) -> None:
    """Each rule has its test in the core's pgTAP; here the way from the file to the findings."""
    clinic.run("apply", "--no-lockdown")
    assert numbers(clinic, code=0) == []
    file = clinic.root / "zava.toml"
    file.write_text(CLINIC["zava.toml"] + '[distribute]\nlocal = ["clinic.gone"]\n')
    assert numbers(clinic) == [("ZM331", "clinic.appointments"), ("ZM331", "clinic.gone")]
    listed = "[distribute]\nby = { practice_id = ['clinic.appointments'] }\n"
    file.write_text(CLINIC["zava.toml"] + listed)
    policy = "policy appointments_select on clinic.appointments"
    assert numbers(clinic) == [("ZM333", policy)]
    file.write_text(CLINIC["zava.toml"] + listed.replace("practice_id", "appointment_id"))
    assert numbers(clinic) == [
        ("ZM332", "appointments_pkey on clinic.appointments"),
        ("ZM333", policy),
    ]
    accepted = '[checks]\naccept = [{check = "ZM333", object = "policy *", reason = "fast"}]\n'
    file.write_text(CLINIC["zava.toml"] + listed + accepted)
    assert numbers(clinic, code=0) == []
    assert f"\tZM333\t{policy}\t" in clinic.run("verify", "--accepted")


def test_each_check_has_a_page(clinic: Project) -> None:
    clinic.run("apply", "--no-lockdown")
    rows = clinic.rows("select number, level, name, title from mcp_migrate.checks order by 1")
    assert len({number for number, *_ in rows}) == len(rows)
    assert {path.stem for path in PAGES.glob("ZM*.md")} == {number for number, *_ in rows}
    index = (PAGES / "README.md").read_text()
    for number, level, name, title in rows:
        page = (PAGES / f"{number}.md").read_text()
        head = " ".join(page.partition("## ")[0].split())
        assert page.startswith(f"# {number}: {title}\n\nLevel: {level}. ")
        assert head.endswith(f"View: `mcp_migrate.check_{name}`.")
        assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == ["Cause", "Remedy", "Accept"]
        [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
        [line] = tomllib.loads(example)["checks"]["accept"]
        assert line["check"] == number
        assert f"| [{number}]({number}.md) | {level} | {title} |\n" in index
        definition = clinic.value(f"select pg_get_viewdef('mcp_migrate.check_{name}'::regclass)")
        assert f"'{number}'" in definition
    # and no view knows a number that is in no list
    views = clinic.value(
        "select string_agg(pg_get_viewdef(oid), '') from pg_class"
        " where relnamespace = 'mcp_migrate'::regnamespace and relname like 'check\\_%'"
    )
    assert set(re.findall(r"'(ZM\d+)'", views)) == {number for number, *_ in rows}
