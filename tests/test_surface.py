"""zava-mcp surface: the snapshots are current, and a change that breaks clients is named."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from zava_mcp.cli import cli
from zava_mcp.project.surface import shown, surfaces

SNAPSHOTS = Path(__file__).parents[1] / "docs" / "surface"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SNAPSHOTS, tmp_path / "surface"))


def run(database: str, folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["surface", str(folder), "--database-url", database, *options])


def edit(folder: Path, audience: str, change: Any) -> None:
    path = folder / f"{audience}.json"
    snapshot = json.loads(path.read_text())
    change(snapshot)
    path.write_text(json.dumps(snapshot))


def test_the_snapshots_are_what_clients_get(database: str) -> None:
    with closing(psycopg.connect(database)) as conn:
        now = surfaces(conn)
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == now.keys()
    for audience, offered in now.items():
        text = (SNAPSHOTS / f"{audience}.json").read_text()
        assert text == f"{shown(offered)}\n", "zava-mcp surface"


def test_what_breaks_is_named_and_fails(database: str, folder: Path) -> None:
    done = run(database, folder, "--check")
    assert (done.exit_code, done.stdout) == (0, "no change\n")

    def before(snapshot: Any) -> None:
        tools = snapshot["tools"]
        tools["get_margins"] = tools["list_stores"]
        tools["list_stores"]["arguments"]["properties"]["region"] = {"type": "string"}
        del tools["compare_stores"]

    edit(folder, "head_office", before)
    shutil.copy(folder / "head_office.json", folder / "auditors.json")
    kept = (folder / "head_office.json").read_text()
    done = run(database, folder, "--check")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "breaking: auditors: audience: it is gone",
        "breaking: head_office: get_margins: tool is gone",
        "breaking: head_office: list_stores: argument region is gone",
        "compatible: head_office: compare_stores: tool is new",
        f"3 would break clients; to accept that: zava-mcp surface {folder}",
    ]
    assert (folder / "head_office.json").read_text() == kept, "a check writes nothing"

    done = run(database, folder)
    assert done.exit_code == 0
    assert f"\nremoved {folder / 'auditors.json'}\nwrote " in done.stdout
    for path in SNAPSHOTS.glob("*.json"):
        assert (folder / path.name).read_text() == path.read_text()
    assert not (folder / "auditors.json").exists()


def test_what_is_compatible_does_not_fail(database: str, folder: Path) -> None:
    def before(snapshot: Any) -> None:
        del snapshot["tools"]["list_stores"]
        del snapshot["tools"]["get_daily_sales"]["arguments"]["properties"]["page_size"]

    edit(folder, "head_office", before)
    (folder / "store_managers.json").unlink()
    done = run(database, folder, "--check", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (
        0,
        {
            "changes": [
                {"audience": audience, "name": name, "change": change, "is_breaking": False}
                for audience, name, change in (
                    ("head_office", "get_daily_sales", "argument page_size is new"),
                    ("head_office", "list_stores", "tool is new"),
                    ("store_managers", "audience", "it has no snapshot"),
                )
            ],
            "exit": 0,
        },
    )


def test_a_file_that_is_no_snapshot_is_named(database: str, folder: Path) -> None:
    (folder / "head_office.json").write_text("{")
    found = json.loads(run(database, folder, "--check", "--json").stdout)
    assert found["exit"] == 64
    assert f"{folder / 'head_office.json'} is not JSON" in found["error"]


def test_a_folder_without_a_snapshot_is_no_comparison(database: str, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    for folder, message in (
        (
            tmp_path / "surfaec",
            "there is no folder {}: name that of the snapshots, or write them by zava-mcp surface",
        ),
        (tmp_path, "{} has no snapshot: name their folder, or write them by zava-mcp surface"),
    ):
        found = json.loads(run(database, folder, "--check", "--json").stdout)
        assert (found["exit"], found["error"]) == (64, message.format(folder))


def test_files_of_others_are_left(database: str, folder: Path) -> None:
    snapshot = json.loads((folder / "head_office.json").read_text())
    parts: dict[str, list[str]] = {name: [] for name in snapshot}
    others = {
        "package.json": '{"name": "shop", "tools": {}}',
        "tsconfig.json": "{ // no JSON",
        "binary.json": "\udcff",
        "list.json": "[]",
        "lists.json": json.dumps(parts),
        "more.json": json.dumps({**snapshot, "version": {}}),
    }
    for name, text in others.items():
        (folder / name).write_text(text, errors="surrogateescape")
    done = run(database, folder, "--check")
    assert (done.exit_code, done.stdout) == (0, "no change\n")
    done = run(database, folder)
    assert done.exit_code == 0
    assert "removed" not in done.stdout
    for name, text in others.items():
        assert (folder / name).read_text(errors="surrogateescape") == text
