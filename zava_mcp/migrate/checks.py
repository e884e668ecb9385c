"""The checks: the findings of the views check_*, their levels, and what zava.toml accepts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from zava_mcp.config import Accepted, Project
from zava_mcp.counts import some
from zava_mcp.migrate.ledger import BROKEN, Connection, Failure, scalar

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)
FIELDS = ("level", "check", "object", "problem")


@dataclass(frozen=True)
class Finding:
    """One row of a check: ``check`` is its number, ``accepted`` why zava.toml takes it."""

    level: str
    check: str
    object: str
    problem: str
    accepted: str = ""

    def row(self) -> tuple[str, str, str, str]:
        """Return it as a table has it."""
        return (self.level, self.check, self.object, self.problem)

    def as_data(self) -> dict[str, str]:
        """Return it as JSON has it."""
        given = dict(zip(FIELDS, self.row(), strict=True))
        return given | ({"accepted": self.accepted} if self.accepted else {})


def check_views(conn: Connection) -> list[str]:
    """Name the views of schema mcp_migrate that are checks: they look at the catalogue alone."""
    rows = conn.execute(
        "select 'mcp_migrate.' || relname from pg_class"
        " where relnamespace = to_regnamespace('mcp_migrate')::oid"
        " and relkind = 'v' and relname ~ '^check_[a-z0-9_]+$' order by relname"
    ).fetchall()
    return [name for (name,) in rows]


def data_checks(conn: Connection) -> list[str]:
    """Name the application's views that are checks: managed ones, since they run with our rights.

    They look at data, so verify asks them and apply does not.
    """
    rows = conn.execute(
        "select identity from mcp_migrate.object where kind = 'view'"
        r" and identity ~ '^[a-z0-9_]+\.check_[a-z0-9_]+$' and identity not like 'mcp_migrate.%'"
        " order by identity"
    ).fetchall()
    return [name for (name,) in rows]


def set_placements(conn: Connection, project: Project) -> None:
    """Pass [distribute] of zava.toml to the checks of this transaction."""
    if project.placements is not None:
        tables = [asdict(each) for each in project.placements]
        given = json.dumps({"tree": project.name, "tables": tables})
        conn.execute("select set_config('mcp_migrate.distribute', %s, true)", [given])


def findings(
    conn: Connection, checks: Sequence[str], accepted: Sequence[Accepted] = ()
) -> list[Finding]:
    """Return what the checks found, errors first; a check without a number is an error."""
    # on any other path PostgreSQL leaves out schemas that the checks look for in expressions
    conn.execute("set local search_path = pg_catalog, pg_temp")
    levels = dict[str, str]()
    if scalar(conn, "select to_regclass('mcp_migrate.checks')"):
        levels = dict(conn.execute("select number, level from mcp_migrate.checks").fetchall())
    found = []
    for name in checks:
        query = f"select object, problem, to_jsonb(c) ->> 'number' from {name} as c order by 1, 2"  # noqa: S608
        own_name = name.removeprefix("mcp_migrate.").replace("check_", "", 1)
        for item, problem, number in conn.execute(query.encode()).fetchall():
            level = levels.get(number, ERROR)
            found.append(Finding(level, number or own_name, item, problem))
    found = [replace(each, accepted=reason_for(each, accepted)) for each in found]
    return sorted(found, key=lambda each: (LEVELS.index(each.level), each.check))


def reason_for(finding: Finding, accepted: Sequence[Accepted]) -> str:
    """Return why zava.toml accepts a finding, or nothing."""
    return next((each.reason for each in accepted if covers(each, finding)), "")


def covers(accepted: Accepted, finding: Finding) -> bool:
    """Return whether a line of zava.toml is about this finding; an object may end with a star."""
    if accepted.check != finding.check:
        return False
    if accepted.object.endswith("*"):
        return finding.object.startswith(accepted.object[:-1])
    return accepted.object == finding.object


def unused(found: Sequence[Finding], accepted: Sequence[Accepted]) -> list[Accepted]:
    """Return the lines of zava.toml that no finding needs any more."""
    return [each for each in accepted if not any(covers(each, finding) for finding in found)]


def counted(found: Sequence[Finding]) -> str:
    """Count findings by level, as in ``1 error, 2 warnings``; empty without one."""
    counts = Counter(finding.level for finding in found)
    return ", ".join(some(counts[level], level) for level in LEVELS if counts[level])


def check_catalogue(conn: Connection, accepted: Sequence[Accepted] = ()) -> list[Finding]:
    """Run the checks of the catalogue: fail on an error, return warnings and notes."""
    found = [each for each in findings(conn, check_views(conn), accepted) if not each.accepted]
    errors = [finding for finding in found if finding.level == ERROR]
    if errors:
        lines = "\n".join(f"{each.check} {each.object}: {each.problem}" for each in errors)
        problems = [finding.as_data() for finding in errors]
        raise Failure(f"checks failed, nothing was kept:\n{lines}", BROKEN, problems)
    return found
