"""Versioned files that have landed with a release stay as they are: lint and land."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scratch import CORE, SQL, command_line, write_project

from zava_mcp.config import Source
from zava_mcp.migrate.files import Tree, read_trees
from zava_mcp.migrate.landed import HEAD, LIST, landed, newest_release

FILES = {
    "0001_shop.sql": "create schema shop;\n",
    "0001_shop.rollback.sql": "drop schema shop;\n",
    "0002_item.sql": "create table shop.item (item_id integer primary key);\n",
    "0002_item.rollback.sql": "drop table shop.item;\n",
}
EDITED = "put it back, and write a new file for the change"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@test.example")
    command = ["git", *identity, "-C", str(folder), *arguments]
    subprocess.run(command, capture_output=True, check=True)


def land(root: Path, code: int = 0) -> str:
    command = command_line("migrate", "land")
    done = subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def tree_of(root: Path) -> Tree:
    return read_trees([Source("shop", root)])


def found(root: Path) -> list[str]:
    """What lint finds: "name: what"."""
    return [f"{Path(each.file).name}: {each.message}" for each in landed(tree_of(root))]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of versioned files, of which none has landed; in no repository."""
    files = {f"sql/{name}": text for name, text in {**FILES, LIST: HEAD}.items()}
    return write_project(tmp_path / "project", files) / "sql"


@pytest.fixture
def released(tree: Path) -> Path:
    """The same folder in a repository, after its release v1.0.0."""
    land(tree)
    git(tree.parent, "init")
    git(tree.parent, "add", ".")
    git(tree.parent, "commit", "-m", "one")
    git(tree.parent, "tag", "v1.0.0")
    return tree


def edit(root: Path) -> None:
    (root / "0002_item.sql").write_text("create table shop.item (item_id bigint primary key);\n")


def add_column(root: Path) -> None:
    (root / "0003_price.sql").write_text("alter table shop.item add price numeric;\n")
    (root / "0003_price.rollback.sql").write_text("alter table shop.item drop price;\n")


@pytest.mark.parametrize("root", [CORE, SQL], ids=["core", "sql"])
def test_landed_files_of_the_repository_are_as_they_were(root: Path) -> None:
    assert (root / LIST).exists(), f"{root} has no {LIST}: zava-mcp migrate land writes it"
    assert landed(tree_of(root)) == []


def test_before_the_first_release_every_file_may_be_edited(tree: Path) -> None:
    edit(tree)
    assert found(tree) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (edit, "0002_item.sql: edited, but landed according to {}: " + EDITED),
        (
            lambda root: (root / "0001_shop.sql").unlink(),
            "0001_shop.sql: missing, but landed according to {}: " + EDITED,
        ),
        (
            lambda root: (root / "0001_shop.sql").rename(root / "0001_store.sql"),
            "0001_shop.sql: missing, but landed according to {}: " + EDITED,
        ),
    ],
)
@pytest.mark.parametrize("has_tag", [False, True])
def test_a_landed_file_is_not_edited(
    released: Path, change: Callable[[Path], None], problem: str, has_tag: bool
) -> None:
    """The list alone finds it, as in a clone without tags."""
    if not has_tag:
        git(released, "tag", "--delete", "v1.0.0")
    assert found(released) == []
    change(released)
    sources = [LIST, "v1.0.0"] if has_tag else [LIST]
    assert found(released) == [problem.format(source) for source in sources]
    # a release cannot list it as it is now
    before = (released / LIST).read_text()
    assert EDITED in land(released, code=1)
    assert (released / LIST).read_text() == before


def test_the_tag_finds_an_edit_of_file_and_list(released: Path) -> None:
    (released / LIST).write_text(HEAD)
    edit(released)
    assert found(released) == [
        f"0002_item.sql: edited, but landed according to v1.0.0: {EDITED}",
        f"{LIST}: lacks 0001_shop.sql of v1.0.0: zava-mcp migrate land",
        f"{LIST}: lacks 0002_item.sql of v1.0.0: zava-mcp migrate land",
    ]


def test_a_new_file_may_be_edited_until_it_lands(released: Path) -> None:
    add_column(released)
    assert found(released) == []
    assert land(released) == "0003_price.sql\n1 file landed\n"
    (released / "0003_price.sql").write_text("alter table shop.item add price money;\n")
    assert found(released) == [f"0003_price.sql: edited, but landed according to {LIST}: {EDITED}"]


def test_a_release_without_its_files_in_the_list_is_found(released: Path) -> None:
    add_column(released)
    git(released, "add", ".")
    git(released, "commit", "-m", "two")
    git(released, "tag", "v1.1.0")
    assert newest_release(released)[0] == "v1.1.0"
    assert found(released) == [f"{LIST}: lacks 0003_price.sql of v1.1.0: zava-mcp migrate land"]


def test_line_ends_and_rollbacks_do_not_count(released: Path) -> None:
    path = released / "0001_shop.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"\n")
    (released / "0001_shop.rollback.sql").write_text("drop schema shop cascade;\n")
    assert found(released) == []


def test_a_line_that_cannot_be_read_is_found(tree: Path) -> None:
    (tree / LIST).write_text(HEAD + "0001_shop.sql\n")
    wrong = f"{LIST}: not a SHA-256, two blanks and the name of a file"
    assert found(tree) == [wrong]


def test_lint_runs_the_check(released: Path) -> None:
    edit(released)
    command = command_line("migrate", "lint")
    done = subprocess.run(command, cwd=released.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "0002_item.sql\tlanded\tedited, but landed according to v1.0.0" in done.stdout
