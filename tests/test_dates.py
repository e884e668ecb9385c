"""What make dates sets the clock to, what it says without a compiler, and what PostgreSQL reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dates import clocks, main
from test_server import ask


@pytest.mark.parametrize(
    ("now", "leap_day", "five_years_on"),
    [
        ("2026-11-28 08:30", "2028-02-29 12:00", "2031-11-28 08:30"),
        ("2028-02-29 11:59", "2028-02-29 12:00", "2033-02-28 11:59"),
        ("2028-02-29 12:00", "2032-02-29 12:00", "2033-02-28 12:00"),
        ("2096-03-01 00:00", "2104-02-29 12:00", "2101-03-01 00:00"),
    ],
)
def test_the_clocks_are_today_the_years_end_a_leap_day_and_five_years_on(
    now: str, leap_day: str, five_years_on: str
) -> None:
    moments = clocks(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in moments.items()} == {
        "today": now,
        "the end of the year": f"{now[:4]}-12-31 23:59",
        "a leap day": leap_day,
        "five years on": five_years_on,
    }


def test_without_a_compiler_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main([]) == 1
    assert "apt-get install gcc" in capsys.readouterr().err


def test_the_database_has_the_clock_of_the_tests(database: str) -> None:
    """Else make dates would prove nothing of what PostgreSQL does."""
    began = datetime.now(UTC)
    answered = ask(database, "select clock_timestamp()")
    assert began <= answered <= datetime.now(UTC)
