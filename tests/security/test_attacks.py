"""The attack suite's quick part: some attacks of each category, and each weakened copy is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks import Category, all_copies, failures, load, run_copies, run_real, summary
from world import WEAK, World, build, weaken

CATEGORIES = load()
QUICK = 4  # attacks of a category; make soak runs them all


@pytest.fixture(scope="module")
def world(database: str, shim_url: str) -> Iterator[World]:
    """The databases of the attacks, beside the one of the other tests."""
    with build(database, shim_url) as made:
        yield made


def sample(category: Category) -> list[tuple[str, dict[str, object]]]:
    """Some attacks of a category, from its beginning to its end."""
    attacks = [attack for attack in category.attacks if "QUERY_TIMEOUT" not in attack["expect"]]
    return [(category.name, attack) for attack in attacks[:: max(1, len(attacks) // QUICK)]]


def test_the_file_holds_enough_attacks_each_with_a_name_and_a_reason() -> None:
    attacks = [attack for category in CATEGORIES for attack in category.attacks]
    assert len(attacks) >= 300
    assert len({attack["id"] for attack in attacks}) == len(attacks)
    assert all(attack["why"] for attack in attacks)
    assert all(category.copies for category in CATEGORIES)
    files = {path.stem for path in Path(__file__).with_name("copies").glob("*.sql")}
    assert set(all_copies(CATEGORIES)) == files


def test_no_attack_gets_through(world: World, tmp_path: Path) -> None:
    steps = [step for category in CATEGORIES for step in sample(category)]
    verdicts = list(run_real(world, steps, tmp_path))
    assert len(verdicts) == len(steps) >= 80
    assert not failures([], verdicts)


def test_without_the_lock_down_identity_rows_and_writes_hold(world: World, tmp_path: Path) -> None:
    """What becomes visible is in docs/lockdown.md; nothing of it is a row of somebody else."""
    weaken(world, "no_lockdown")
    steps = [step for category in CATEGORIES for step in sample(category)]
    verdicts = list(run_real(world, steps, tmp_path, is_open=True, database=WEAK))
    assert not failures([], verdicts)
    lines = {line["category"]: line for line in summary(CATEGORIES, verdicts)}
    for name in ("rows", "writes", "credentials", "caching", "errors", "login"):
        assert lines[name]["visible"] == 0
    assert lines["catalogue"]["visible"] > 0


def test_every_category_sees_the_copies_without_its_lock(world: World, tmp_path: Path) -> None:
    running = run_copies(world, all_copies(CATEGORIES), CATEGORIES, tmp_path, first_catch=True)
    lines = summary(CATEGORIES, list(running))
    assert not failures(lines, [])
