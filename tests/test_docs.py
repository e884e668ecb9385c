"""The documents say what is: the tools, the schema, and the files that the README names."""

import re
from pathlib import Path

import psycopg
import pytest
from scratch import new_database

from release import reference
from zava_mcp.cli import COMMANDS
from zava_mcp.config import ConfigError, read_project
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.schema import schema_of
from zava_mcp.migrate.session import Settings

ROOT = Path(__file__).resolve().parent.parent


def test_tool_reference_is_made_from_the_comments(database: str) -> None:
    with psycopg.connect(database) as conn:
        row = conn.execute("select mcp_catalog.tool_reference()").fetchone()
    assert row is not None
    assert (ROOT / "docs" / "tools.md").read_text() == row[0] + "\n", "run make docs"


def test_schema_is_that_of_a_new_database(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with new_database(server) as uri:
        settings = Settings(url=uri)
        run_apply(settings, settings.tree(), quiet=True)
        found = schema_of(settings)
        assert (ROOT / "docs" / "schema.sql").read_text() == found, "run make docs"

        with psycopg.connect(uri) as connection:
            row = connection.execute("select count(*) from pg_policies").fetchone()
            connection.execute("select mcp_log.create_call_log_partitions()")
        assert row
        assert found.count("\nCREATE POLICY ") == row[0]
        assert schema_of(settings) == found, "partitions, which come every day, do not count"

        with psycopg.connect(uri) as connection:
            connection.execute("revoke select on retail.regions from mcp_tools")
        assert set(schema_of(settings).splitlines()) ^ set(found.splitlines()) == {
            "GRANT SELECT ON TABLE retail.regions TO mcp_tools;"
        }


@pytest.mark.parametrize("name", list(reference.PAGES))
def test_reference_is_made_from_the_code(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == reference.PAGES[name](), "run make docs"


def test_reference_has_every_command_and_setting() -> None:
    commands = reference.commands()
    assert set(re.findall(r"^## zava-mcp (\w+)$", commands, re.MULTILINE)) == set(COMMANDS)
    assert "\n## zava-mcp migrate apply\n" in commands
    assert "\\b" not in commands
    assert "| `ZAVA_POOL_MAX` | `10` | database connections at most |" in reference.settings()


def test_comments_name_errors_by_their_codes() -> None:
    files = [
        *(ROOT / "sql").rglob("*.sql"),
        *(ROOT / "zava_mcp" / "core" / "functions").rglob("*.sql"),
    ]
    texts = [path.read_text() for path in files if "functions" in path.parts]
    errors = [code for text in texts for code in re.findall(r"^@error +(\S+)", text, re.MULTILINE)]
    assert len(errors) > 150
    assert set(errors) <= {
        "VALIDATION_ERROR",
        "AUTHORIZATION_ERROR",
        "NOT_FOUND",
        "CONFLICT",
        "QUERY_TIMEOUT",
        "DATABASE_ERROR",
        "MCP_ERROR",
    }


def test_readme_names_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert "docs/tools.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("table", ["project", "demo", "claims", "prove"])
def test_every_key_of_a_project_is_documented(table: str, tmp_path: Path) -> None:
    file = tmp_path / "zava.toml"
    named = '[project]\nname = "shop"\n' if table != "project" else ""
    file.write_text(f"{named}[{table}]\n0 = 1\n")
    with pytest.raises(ConfigError) as refused:
        read_project(file)
    keys = refused.value.message.partition("closest: ")[2].split(", ")
    text = (ROOT / "docs" / "project.md").read_text()
    assert len(keys) >= 2
    assert set(re.findall(rf"^\| `{table}\.(\w+)` \|", text, re.MULTILINE)) == set(keys)


def test_workflows_pin_each_action_to_a_commit_and_keep_no_credential() -> None:
    """Of this repository, and of the projects that init writes: a tag may be moved."""
    folders = (ROOT / ".github", ROOT / "zava_mcp" / "project" / "templates")
    files = [file for folder in folders for file in folder.rglob("workflows/*.yml")]
    used = [name for file in files for name in re.findall(r"uses: (\S+)", file.read_text())]
    assert len(files) == 2
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
    assert len(used) == 6
    assert all("persist-credentials: false" in file.read_text() for file in files)
