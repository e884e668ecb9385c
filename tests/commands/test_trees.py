"""Several trees in one ledger: the core, a project on it, its demo, and another project beside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from scratch import Project, new_database, write_project

from zava_mcp import __version__
from zava_mcp.config import ConfigError, read_project
from zava_mcp.migrate.apply import Applied, run_apply
from zava_mcp.migrate.session import Settings


def function(name: str, body: str, result: str = "integer") -> str:
    return (
        f"create or replace function {name}() returns {result}\n"
        f"language sql stable set search_path = pg_catalog\nbegin atomic\n    {body};\nend;\n"
    )


CORE = {
    "0001_base.sql": "create schema base;\ncreate table base.setting (name text);\n",
    "0001_base.rollback.sql": "drop table base.setting;\ndrop schema base;\n",
    "functions/base/rate.sql": function("base.rate", "select 1"),
}
SHOP = {
    "0001_shop.sql": (
        "-- Its default calls the core.\n"
        "-- depends: core/0001\n"
        "create schema shop;\n"
        "create table shop.item (item_id integer, rate integer default base.rate());\n"
    ),
    "0001_shop.rollback.sql": "select base.rate();\ndrop table shop.item;\ndrop schema shop;\n",
    "functions/shop/double.sql": function("shop.double", "select 2 * base.rate()"),
}
CRM = {
    "0001_crm.sql": "create schema crm;\ncreate table crm.lead (lead_id integer);\n",
    "0001_crm.rollback.sql": "drop table crm.lead;\ndrop schema crm;\n",
    "functions/crm/count.sql": function("crm.count", "select base.rate()"),
}
DEMO = {
    "demo/0001_demo.sql": "create schema shop_demo;\n",
    "demo/0001_demo.rollback.sql": "drop schema shop_demo;\n",
    "demo/functions/shop_demo/total.sql": function("shop_demo.total", "select shop.double()"),
}


def step(number: int, name: str) -> dict[str, str]:
    """One more versioned file, of a table."""
    return {
        f"{number:04}_{name}.sql": f"create table base.{name} (i integer);\n",
        f"{number:04}_{name}.rollback.sql": f"drop table base.{name};\n",
    }


@pytest.fixture
def project(server: str, tmp_path: Path) -> Iterator[Project]:
    """A project on a small core, with a demo; nothing is applied."""
    with new_database(server) as uri:
        made = Project(uri, write_project(tmp_path / "shop", {}, settings="[demo]\n"))
        made.write_core(CORE)
        made.write({**SHOP, **DEMO})
        yield made


@pytest.fixture
def crm(project: Project, tmp_path: Path) -> Project:
    """Another project in the same database, with the same core; nothing of it is applied."""
    made = Project(project.uri, write_project(tmp_path / "crm", {}, name="crm"))
    made.write_core(CORE)
    made.write(CRM)
    return made


def apply_demo(project: Project) -> Applied:
    """Apply all trees, as zava-mcp demo does."""
    settings = Settings(url=project.uri, with_demo=True)
    return run_apply(settings, settings.tree(), quiet=True)


def versions(project: Project) -> list[str]:
    return [
        key
        for (key,) in project.rows("select tree || '/' || id from mcp_migrate.version order by 1")
    ]


# --- apply ----------------------------------------------------------------------------------------


def test_the_core_goes_first_and_versioned_files_may_call_it(project: Project) -> None:
    report = project.json("apply")
    assert report["applied"] == ["core/0001_base", "shop/0001_shop"]
    assert report["managed"] == ["core/functions/base/rate.sql", "shop/functions/shop/double.sql"]
    assert versions(project) == ["core/0001_base", "shop/0001_shop"]
    assert project.rows("insert into shop.item values (7) returning rate, shop.double()") == [
        (1, 2)
    ]
    assert project.run("status") == (
        "core/0001_base\tapplied\nshop/0001_shop\tapplied\n"
        "core/functions/base/rate.sql\tsame\nshop/functions/shop/double.sql\tsame\n"
    )


def test_a_core_that_grows_does_not_make_a_project_renumber(project: Project) -> None:
    project.run("apply")
    project.write(step(2, "a"))
    project.run("apply")
    project.write_core(step(2, "b") | step(7, "c"))
    assert project.json("status", code=1)["versioned"] == [
        {"id": "core/0001_base", "state": "applied"},
        {"id": "core/0002_b", "state": "pending"},
        {"id": "core/0007_c", "state": "pending"},
        {"id": "shop/0001_shop", "state": "applied"},
        {"id": "shop/0002_a", "state": "applied"},
    ]
    assert project.json("apply")["applied"] == ["core/0002_b", "core/0007_c"]
    project.write(step(3, "d"))
    assert project.json("apply")["applied"] == ["shop/0003_d"]


@pytest.mark.parametrize(
    ("depends", "problem"),
    [
        ("core/9999", "needs core/9999, and this zava-mcp has the core up to 0001_base: pip"),
        ("0003", "'depends:' names no earlier file: 0003; shop has 0001_shop before it"),
        ("shop_demo/0001", "'depends:' names no earlier file: shop_demo/0001; shop_demo has"),
        ("crm/0001", "'depends:' names no earlier file: crm/0001; crm has nothing before it"),
    ],
)
def test_a_file_that_needs_what_is_not_there_runs_nothing(
    project: Project, depends: str, problem: str
) -> None:
    project.write(step(2, "a") | step(3, "b"))
    project.write({"0002_a.sql": f"-- depends: {depends}\ncreate table base.a (i integer);\n"})
    said = project.run("apply", code=65)
    assert "files break a rule, nothing was run" in said
    assert f"sql/0002_a.sql:1: {problem}" in said
    assert ("pip install --upgrade zava-mcp" in said) == depends.startswith("core")
    assert project.value("select to_regnamespace('mcp_migrate')") is None


def test_a_core_older_than_the_database_is_refused(project: Project) -> None:
    project.write_core(step(7, "late"))
    project.run("apply")
    for path in (project.root / "core").glob("0007*"):
        path.unlink()
    for command in ("apply", "plan"):
        said = project.run(command, code=2)
        assert "core/0007_late.sql: applied, but this zava-mcp is older" in said
        assert "pip install --upgrade zava-mcp" in said
    assert project.run("status", code=2).splitlines()[1] == "core/0007_late\tmissing"


def test_a_core_that_a_newer_package_applied_stays(project: Project) -> None:
    project.run("apply")
    assert project.rows("select distinct package from mcp_migrate.log") == [(__version__,)]
    project.write_core({"functions/base/rate.sql": function("base.rate", "select 2")})
    project.run("apply")
    project.rows("update mcp_migrate.log set package = '99.10.0' returning 1")
    # the same core in another package is nothing to refuse
    assert project.run("plan") == "nothing to do\n"
    assert project.json("status")["newer"] == ""
    project.write_core({"functions/base/rate.sql": CORE["functions/base/rate.sql"]})
    project.write(step(2, "a"))
    project.write_core(step(3, "b"))
    said = (
        "zava-mcp 99.10.0 applied the core of this database, and this is"
        f" {__version__}, whose core differs"
    )
    for command in (["apply"], ["plan"], ["apply", "--all", "--yes"], ["adopt", "--to", "2"]):
        refused = project.run(*command, code=2)
        assert f"the core is newer, nothing was run:\n{said}\n" in refused
        assert "pip install --upgrade zava-mcp" in refused
    assert (project.json("status", code=3)["newer"], project.value("select base.rate()")) == (
        "99.10.0",
        2,
    )
    assert said in project.run("status", code=3)
    assert f"warning: {said}" in project.start("drift").communicate()[1]
    assert project.value("select to_regclass('base.a')") is None
    # a DBA who goes back to the functions of before says so, and that is what is there then
    assert project.json("plan", "--allow-downgrade", code=1)["exit"] == 1
    assert project.json("apply", "--allow-downgrade")["applied"] == ["core/0003_b", "shop/0002_a"]
    assert project.value("select base.rate()") == 1
    assert project.run("plan") == "nothing to do\n"
    project.run("apply", "--all")


def test_a_ledger_without_the_package_is_completed(project: Project) -> None:
    project.run("apply")
    project.rows("alter table mcp_migrate.log drop column package; select 1")
    project.write_core({"functions/base/rate.sql": function("base.rate", "select 2")})
    assert project.json("status", code=1)["newer"] == ""
    project.run("apply")
    assert project.rows("select operation, package from mcp_migrate.log order by log_id") == [
        ("apply", None),
        ("manage", None),
        ("apply", None),
        ("manage", None),
        ("manage", __version__),
    ]


def test_to_counts_in_a_tree(project: Project) -> None:
    project.write_core(step(2, "a") | step(3, "b"))
    project.write(step(2, "c") | step(3, "d"))
    report = project.json("apply", "--to", "core/0002")
    assert report["applied"] == ["core/0001_base", "core/0002_a"]
    assert report["waiting"] == ["core/0003_b", "shop/0001_shop", "shop/0002_c", "shop/0003_d"]
    report = project.json("apply", "--to", "0002")
    assert report["applied"] == ["core/0003_b", "shop/0001_shop", "shop/0002_c"]
    assert report["waiting"] == ["shop/0003_d"]
    assert "there is no tree crm; there are core, shop" in project.run(
        "apply", "--to", "crm/0001", code=64
    )
    assert project.json("apply")["applied"] == ["shop/0003_d"]


@pytest.mark.parametrize("name", ["core", "mcp_x", "pg_shop", "Shop", "1shop"])
def test_names_of_the_toolkit_are_refused(tmp_path: Path, name: str) -> None:
    write_project(tmp_path, {}, name=name)
    with pytest.raises(ConfigError, match=f"project.name = '{name}' must be lower_case_words"):
        read_project(tmp_path / "zava.toml")


# --- an upgrade of the core -----------------------------------------------------------------------


def test_what_uses_a_changed_function_of_the_core_is_made_again_with_it(project: Project) -> None:
    project.write({"0001_shop.sql": SHOP["0001_shop.sql"].replace(" default base.rate()", "")})
    project.run("apply")
    project.write_core({"functions/base/rate.sql": function("base.rate", "select 'a'", "text")})
    said = project.run("apply", code=70)
    assert "sql/functions/shop/double.sql:4: 42883 operator does not exist: integer * text" in said
    assert project.rows("select base.rate(), shop.double()") == [(1, 2)]
    text = function("shop.double", "select base.rate() || base.rate()", "text")
    project.write({"functions/shop/double.sql": text})
    report = project.json("apply")
    assert report["managed"] == ["core/functions/base/rate.sql", "shop/functions/shop/double.sql"]
    assert project.rows("select base.rate(), shop.double()") == [("a", "aa")]
    assert project.run("drift") == "2 objects in the ledger, 0 differ\n"


def test_a_function_that_needs_a_pending_file_waits_for_it(project: Project) -> None:
    """The core's functions go before that file, and drop what used their older form."""
    project.write({"0001_shop.sql": SHOP["0001_shop.sql"].replace(" default base.rate()", "")})
    project.run("apply")
    project.write_core({"functions/base/rate.sql": function("base.rate", "select 3.5", "numeric")})
    project.write(step(2, "a"))
    uses_both = function("shop.double", "select base.rate() + count(*) from base.a", "numeric")
    project.write({"functions/shop/double.sql": uses_both})
    report = project.json("apply")
    assert (report["applied"], report["dropped"]) == (["shop/0002_a"], [])
    assert project.value("select shop.double()") == 3.5
    assert project.run("status").count("\tsame\n") == 2


def test_an_upgrade_ends_in_the_schema_of_a_fresh_install_and_keeps_the_data(
    project: Project, server: str
) -> None:
    """An older core is a copy of the newer one without its newest files."""
    newer = {
        **step(2, "unit"),
        "functions/base/rate.sql": function("base.rate", "select 5 + (select count(*)::integer)"),
        "functions/base/unit.sql": function("base.unit", "select i from base.unit limit 1"),
    }
    project.run("apply")
    project.rows("insert into shop.item values (1), (2)")
    project.write_core(newer)
    report = project.json("apply")
    assert report["applied"] == ["core/0002_unit"]
    assert len(report["managed"]) == 3, "a versioned file makes all run again that stand on it"
    assert project.rows("select rate from shop.item") == [(1,), (1,)]
    assert project.run("drift").endswith(" 0 differ\n")
    with new_database(server) as uri:
        fresh = Project(uri, project.root)
        fresh.run("apply")
        ledger = "select kind, identity, tree, path, definition_sha256 from mcp_migrate.object"
        assert fresh.rows(f"{ledger} order by 2") == project.rows(f"{ledger} order by 2")
        files = "select tree, path, sha256 from mcp_migrate.file order by 1, 2"
        assert fresh.rows(files) == project.rows(files)


# --- a demo ---------------------------------------------------------------------------------------


def test_a_demo_makes_no_other_tree_run_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    project.run("apply")
    before = project.rows("select xmin::text, tree, path from mcp_migrate.file order by 2, 3")
    done = apply_demo(project)
    assert done.versioned == ["shop_demo/0001_demo"]
    assert done.managed == {"shop_demo/functions/shop_demo/total.sql"}
    after = project.rows("select xmin::text, tree, path from mcp_migrate.file order by 2, 3")
    assert after[:2] == before
    assert project.value("select shop_demo.total()") == 2
    # where the database has the demo, the commands of an operator see its files too
    assert "shop_demo/0001_demo\tapplied\n" in project.run("status")
    assert project.json("apply", "--all")["dropped"] == []
    assert project.run("drift") == "3 objects in the ledger, 0 differ\n"


def test_a_versioned_file_makes_what_stands_on_it_run_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    apply_demo(project)
    project.write(step(2, "a"))
    assert apply_demo(project).managed == {
        "shop/functions/shop/double.sql",
        "shop_demo/functions/shop_demo/total.sql",
    }
    assert apply_demo(project).managed == set()


def test_rollback_undoes_a_demo_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    apply_demo(project)
    assert project.json("rollback", "--to", "0", "--yes")["rolled_back"] == [
        "shop_demo/0001_demo",
        "shop/0001_shop",
    ]
    assert versions(project) == ["core/0001_base"]
    assert project.value("select base.rate()") == 1
    apply_demo(project)
    assert project.json("rollback", "--to", "shop_demo/0", "--yes")["rolled_back"] == [
        "shop_demo/0001_demo"
    ]
    assert project.run("status").count("\n") == 4


def test_rollback_of_nothing_leaves_the_demo(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    apply_demo(project)
    report = project.json("rollback", "--to", "0001", "--yes")
    assert (report["rolled_back"], report["dropped"]) == ([], [])
    assert versions(project) == ["core/0001_base", "shop/0001_shop", "shop_demo/0001_demo"]
    assert project.value("select to_regnamespace('shop_demo')::text") == "shop_demo"


# --- rollback in the core -------------------------------------------------------------------------


def test_rollback_in_the_core_undoes_the_project_first(project: Project) -> None:
    project.write_core(step(2, "a"))
    project.run("apply")
    report = project.json("rollback", "--to", "core/0001", "--yes")
    assert report["rolled_back"] == ["shop/0001_shop", "core/0002_a"]
    assert report["managed"] == ["core/functions/base/rate.sql"]
    assert project.json("apply")["applied"] == ["core/0002_a", "shop/0001_shop"]
    report = project.json("rollback", "--to", "core/0", "--yes")
    assert report["rolled_back"] == ["shop/0001_shop", "core/0002_a", "core/0001_base"]
    assert project.rows("select from mcp_migrate.object") == []
    assert project.rows("select nspname from pg_namespace where nspname in ('base', 'shop')") == []
    project.run("apply")


# --- two projects ---------------------------------------------------------------------------------


def test_each_of_two_projects_sees_its_own_files(project: Project, crm: Project) -> None:
    project.run("apply")
    assert crm.json("status", code=1)["versioned"] == [
        {"id": "core/0001_base", "state": "applied"},
        {"id": "crm/0001_crm", "state": "pending"},
    ]
    report = crm.json("apply")
    assert report["applied"] == ["crm/0001_crm"]
    assert report["managed"] == ["crm/functions/crm/count.sql"]
    for one, other in ((project, "crm"), (crm, "shop")):
        assert other not in one.run("status")
        assert one.run("plan") == "nothing to do\n"
        assert one.run("drift") == "2 objects in the ledger, 0 differ\n"
        assert one.json("apply", "--all")["dropped"] == []
        assert one.json("adopt", "--to", "0001")["marked"] == []
    assert project.rows("select crm.count(), shop.double()") == [(1, 2)]

    crm.rows("alter function crm.count() cost 7")
    assert crm.json("drift", code=1)["drift"] == [
        {
            "state": "modified",
            "object": "routine crm.count()",
            "file": "crm/functions/crm/count.sql",
        }
    ]
    assert project.run("drift") == "2 objects in the ledger, 0 differ\n"


def test_rollback_of_one_project_leaves_the_other(project: Project, crm: Project) -> None:
    project.run("apply")
    crm.run("apply")
    assert project.json("rollback", "--to", "0", "--yes")["dropped"] == ["routine shop.double()"]
    assert crm.run("drift") == "2 objects in the ledger, 0 differ\n"
    assert crm.run("plan") == "nothing to do\n"
    assert crm.value("select crm.count()") == 1


def test_the_core_stays_while_another_project_uses_it(project: Project, crm: Project) -> None:
    project.run("apply")
    crm.run("apply")
    before = project.rows("select * from mcp_migrate.log")
    said = project.run("rollback", "--to", "core/0", "--yes", code=2)
    assert "the core is in use by crm: roll that back first, to 0" in said
    assert project.rows("select * from mcp_migrate.log") == before
    crm.run("rollback", "--to", "0", "--yes")
    report = project.json("rollback", "--to", "core/0", "--yes")
    assert report["rolled_back"] == ["shop/0001_shop", "core/0001_base"]


def test_a_newer_core_of_one_project_is_news_to_the_other(project: Project, crm: Project) -> None:
    project.run("apply")
    crm.run("apply")
    project.write_core(step(2, "a"))
    assert project.json("apply")["applied"] == ["core/0002_a"]
    assert "core/0002_a.sql: applied, but this zava-mcp is older" in crm.run("apply", code=2)
    shutil.copytree(project.root / "core", crm.root / "core", dirs_exist_ok=True)
    report = crm.json("apply")
    assert (report["applied"], report["managed"]) == ([], ["crm/functions/crm/count.sql"])


# --- reports --------------------------------------------------------------------------------------

CHECK = """\
create or replace view mcp_migrate.check_comments as
select oid::regprocedure::text as object, 'has no comment' as problem
from pg_proc where pronamespace = 'shop'::regnamespace and obj_description(oid) is null;
"""


def test_reports_name_the_tree(project: Project) -> None:
    plan = project.json("plan", code=1)
    assert plan["versioned"] == ["core/0001_base", "shop/0001_shop"]
    assert plan["managed"] == ["core/functions/base/rate.sql", "shop/functions/shop/double.sql"]
    project.run("apply")
    project.rows("alter function base.rate() cost 7; drop function shop.double()")
    assert [(row["state"], row["file"]) for row in project.json("drift", code=1)["drift"]] == [
        ("missing", "shop/functions/shop/double.sql"),
        ("modified", "core/functions/base/rate.sql"),
    ]
    changes = project.json("plan", "--all", code=1)["changes"]
    assert [(each["change"], each["path"]) for each in changes] == [
        ("replaced", "core/functions/base/rate.sql"),
        ("created", "shop/functions/shop/double.sql"),
    ]
    project.run("apply", "--all")
    project.write_core({"functions/mcp_migrate/check_comments.sql": CHECK})
    with pytest.raises(psycopg.errors.UndefinedTable):
        project.rows("table mcp_migrate.check_comments")
    project.run("apply", "--no-verify")
    assert project.json("verify", code=1) == {
        "checks": ["mcp_migrate.check_comments"],
        "findings": [
            {
                "level": "error",
                "check": "comments",
                "object": "shop.double()",
                "problem": "has no comment",
            }
        ],
        "accepted": [],
        "unused": [],
        "exit": 1,
    }
