"""The attack suite: every attack of attacks.toml through the real server, and what it left behind.

``python tests/security/attacks.py`` starts a database of its own, runs all attacks on it, and each
category on the weakened copies that it is meant to see; it prints the table and ends with exit code
1 when an attack got through, or when a category went unseen on a copy. An attack is held when its
answer is exactly what attacks.toml expects, holds no canary that its caller may not see, and leaves
nothing: after each one another manager asks on the same database connection and gets their own
rows, the session's settings and locks and the database's contents are as before, and a second
session is alive. SQL of authors of tools is applied, judged and called in a transaction of its own
that is rolled back, on a connection of its own.

``--open`` runs them on a database without the lock-down. What is answered there instead of refused,
shows nothing of others' rows and leaves nothing behind is counted as visible, and named by --json.

``--citus URL`` runs them on a cluster, whose copies are not weakened.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table
from world import (
    REAL,
    WEAK,
    Answer,
    Json,
    World,
    answering,
    at,
    build,
    build_on_cluster,
    fill,
    filled,
    last_value,
    message,
    send,
    serving,
    weaken,
)

from benchmarks import zava
from zava_mcp.local import cluster
from zava_mcp.migrate.checks import ERROR, Finding, findings

FILE = Path(__file__).with_name("attacks.toml")
QUERY_TOOL = "execute_sales_query"
ATTACKER = "manager"
MOST_BYTES = 1_010_000  # of an answer: max_answer_bytes, and the envelope
MOST_MEMORY = 1_000_000  # kB that the attacked backend may have held
SETTLE_SECONDS = 60  # at most, until the server has found its database again
# what another manager asks in between; the second half shows settings that another caller changed
HONEST = """
select
    o.orders, o.amount, c.customers,
    (select string_agg(s.name, ', ' order by s.name) from retail.stores as s),
    to_char(timestamptz '2026-01-02 03:04+00', 'YYYY-MM-DD HH24:MI TZ'), (date '2026-02-03')::text,
    (1.0::float8 / 3)::text, '\\x00ff'::bytea::text, (interval '1 day 2 hours')::text
from (select count(*) as orders, sum(total_amount) as amount from retail.orders) as o
cross join (select count(*) as customers from retail.customers) as c
"""
HONEST_FORMATS = ["2026-01-02 03:04 UTC", "2026-02-03", "0.3333333333333333", "\\x00ff"]
HONEST_FORMATS += ["1 day 02:00:00"]


@dataclass(frozen=True)
class Category:
    """Attacks that try the same, and the weakened copies on which they must get through."""

    name: str
    about: str
    copies: list[str]
    attacks: list[Json]


@dataclass
class Verdict:
    """What came of an attack; it was held when there is no problem."""

    attack: str
    category: str
    copy: str
    outcome: str
    problems: list[str] = field(default_factory=list)
    is_visible: bool = False  # answered, where the lock-down would have refused


def load() -> list[Category]:
    """Read attacks.toml; every attack then says itself what is expected."""
    categories: dict[str, Category] = {}
    for name, said in tomllib.loads(FILE.read_text()).items():
        attacks = [{"expect": said["expect"], **attack} for attack in said["attack"]]
        for each in said.get("of", []):
            attacks += filter(None, map(as_export, categories[each].attacks))
        categories[name] = Category(name, said["about"], said["copies"], attacks)
    return list(categories.values())


def as_export(attack: Json) -> Json | None:
    """Return an attack by a query as one whose whole result is a file; None for another one."""
    if "query" not in attack or "before" in attack or {*attack} & {"tool", "rows", "arguments"}:
        return None
    return {**attack, "id": f"export-{attack['id']}", "export": "jsonl"}


# Running -----------------------------------------------------------------------------------------


class Target:
    """A server with one database connection, and what is compared after each attack."""

    def __init__(self, world: World, client: httpx2.Client, database: str) -> None:
        self.world, self.client, self.database = world, client, database
        self.superuser = psycopg.connect(at(world.owner, database), autocommit=True)
        self.neighbour = self._neighbour()
        managers = sorted(name for name in world.keys if "manager_" in name)
        self.next_callers = cycle([*managers, "other_manager"])
        self.before = self.settle()
        # what callers get on a weakened copy may be wrong already; here it is what they must get
        self.honest = {who: self.ask_honestly(who) for who in {*managers, "other_manager"}}
        if database == REAL:
            expected = {who: [*world.sees[who], *HONEST_FORMATS] for who in self.honest}
            assert self.honest == expected, self.honest

    def close(self) -> None:
        """Close the observers."""
        self.superuser.close()
        self.neighbour.close()

    def _neighbour(self) -> psycopg.Connection[Any]:
        """Another session of the server's login, which listens for what attacks send."""
        neighbour = psycopg.connect(at(self.world.shim, self.database), autocommit=True)
        neighbour.execute("listen attack")
        return neighbour

    def observe(self) -> Json:
        """What must be the same before and after: the session from inside, and the database."""
        answer = self.ask("head_office", "test_session", {})
        session = dict(answer.content.get("value", answer.content)) if answer.content else {}
        row = self.superuser.execute("select attack.database_state()").fetchone()
        assert row is not None
        return {"session": session or answer.text, "database": row[0]}

    def ask(self, who: str, tool: str, arguments: Json) -> Answer:
        """Call a tool as one of the callers."""
        return send(self.client, self.world.keys[who], message(tool, arguments))

    def ask_honestly(self, who: str) -> Any:
        """Return what a caller sees of their rows, or the refusal of it."""
        answer = self.ask(who, QUERY_TOOL, {"postgresql_query": HONEST})
        return row_of(answer.content["rows"]) if answer.outcome == "own" else answer.text

    def aftermath(self, may_cut: bool) -> Iterator[str]:
        """Say what an attack left behind; may_cut: its connection may have been given up."""
        if (memory := self.peak_memory()) > MOST_MEMORY:
            yield f"the backend held {memory // 1000} MB"
        who = next(self.next_callers)
        if (seen := self.ask_honestly(who)) != self.honest[who]:
            yield f"{who} asked next and got {seen}"
        after = self.observe()
        if may_cut and isinstance(after["session"], dict):
            self.before["session"]["backend"] = after["session"]["backend"]
        for part, values in self.before.items():
            if changed := differing(values, after[part]):
                yield f"{part} changed: {', '.join(changed)}"
        yield from self._neighbours_news()
        if Path(self.world.facts["file"]).exists():
            Path(self.world.facts["file"]).unlink()
            yield "a file was written"

    def _neighbours_news(self) -> Iterator[str]:
        try:
            self.neighbour.execute("select 1")
        except psycopg.Error as error:
            yield f"the neighbour is gone: {error}"
            return
        if list(self.neighbour.notifies(timeout=0)):
            yield "the neighbour was sent a message"

    def peak_memory(self) -> int:
        """Return the most kB that the server's backend has held; 0 where that cannot be known."""
        status = Path(f"/proc/{self.before['session']['backend']}/status")
        try:
            held = re.search(r"VmHWM:\s*(\d+)", status.read_text())
        except OSError:
            return 0
        return int(held[1]) if held else 0

    @cached_property
    def accepted(self) -> set[Finding]:
        """What apply stops at in the world as it is: what the other attacks meet on purpose."""
        with self.superuser.transaction(force_rollback=True):
            return errors(self.superuser)

    def recover(self) -> None:
        """Start again after a breach: other connections, another state."""
        self.superuser.execute(
            "select pg_terminate_backend(pid, 1000) from pg_stat_activity"
            " where usename = 'zava_mcp' and datname = current_database()"
        )
        self.neighbour.close()
        self.neighbour = self._neighbour()
        self.before = self.settle()

    def settle(self) -> Json:
        """Observe, once the server has found its way to the database again."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            before = self.observe()
            if isinstance(before["session"], dict):
                return before
            assert time.monotonic() < deadline, f"the server does not answer: {before['session']}"


def differing(before: Json, after: Json | str) -> list[str]:
    """Name what differs; a text stands for no answer at all."""
    if isinstance(after, str):
        return [after]
    return sorted(k for k in {*before, *after} if before.get(k) != after.get(k))


def row_of(rows: list[Any]) -> list[Any]:
    """Return the values of the first row, whether it is an array or an object."""
    return list(rows[0].values()) if isinstance(rows[0], dict) else list(rows[0])


def run(
    target: Target, category: str, attack: Json, copy: str = "", is_open: bool = False
) -> Verdict:
    """Run one attack and see what it got and left behind.

    Where ``is_open`` an answer instead of a refusal is no problem by itself: what it holds, and
    what it leaves behind, decides.
    """
    if "sql" in attack:
        outcome, problems = attack_login(target, attack), []
    elif "author" in attack:
        answer = attack_author(target, attack)
        outcome, problems = (
            answer.outcome,
            list(judge(target.world, attack, target.world.facts, answer)),
        )
    else:
        facts = target.world.facts
        if "before" in attack:
            first = call(target, attack["before"], facts)
            facts = {**facts, "captured": last_value(first) or "nothing"}
        answer = call(target, attack, facts)
        outcome, problems = answer.outcome, list(judge(target.world, attack, facts, answer))
    wanted = attack["expect"] if isinstance(attack["expect"], list) else [attack["expect"]]
    is_visible = is_open and outcome == "own" and outcome not in wanted
    is_other = is_open and outcome not in ("own", "server_error")  # another refusal
    if (
        outcome not in wanted
        and not (is_visible or is_other)
        and not (copy and harmless(attack, wanted, outcome))
    ):
        problems.insert(0, f"{' or '.join(wanted)} was expected, {outcome} came")
    if not copy or not problems:  # on a copy one breach is enough
        problems += target.aftermath(may_cut=outcome == "QUERY_TIMEOUT")
    if problems:
        target.recover()
    return Verdict(attack["id"], category, copy, outcome, problems, is_visible and not problems)


def harmless(attack: Json, wanted: list[str], outcome: str) -> bool:
    """Return whether an unexpected outcome is no breach: another refusal, or the right answer."""
    return "own" not in wanted and (outcome != "own" or "value" in attack)


def call(target: Target, attack: Json, facts: dict[str, str]) -> Answer:
    """Send what an attack says."""
    credential = target.world.keys[attack.get("who", ATTACKER)]
    if "credential" in attack:
        credential = fill(attack["credential"], facts)
    answer = send(target.client, credential, body_of(attack, facts))
    if "export" not in attack or answer.outcome != "own":
        return answer
    headers = {"Authorization": f"Bearer {credential}"}
    file = target.client.get(answer.content["export"]["path"], headers=headers)
    lines = file.text.split("\n")[:-1] if attack["export"] == "jsonl" else []
    return Answer("own", file.text, {"rows": [json.loads(line) for line in lines]})


def body_of(attack: Json, facts: dict[str, str]) -> str | bytes:
    """Return the message of an attack."""
    if "raw_hex" in attack:
        return bytes.fromhex(attack["raw_hex"])
    if "raw" in attack:
        return fill(attack["raw"], facts)
    arguments = filled(attack.get("arguments", {}), facts)
    if "query" in attack:
        arguments["postgresql_query"] = fill(attack["query"], facts)
    if "export" in attack:
        arguments["export"] = attack["export"]
    tool = fill(attack.get("tool", QUERY_TOOL), facts)
    if "answers" in attack:
        return answering(
            tool, arguments, filled(attack["answers"], facts), filled(attack.get("state"), facts)
        )
    return message(tool, arguments)


# credentials go beside the text, which the log of PostgreSQL repeats
CREDENTIAL = re.compile("'(zava_[0-9a-f]+_[0-9a-f]+|ticket_[^']+)'")


def attack_login(target: Target, attack: Json) -> str:
    """Run SQL as the server's own login; give its SQLSTATE, "own" when it ran."""
    with psycopg.connect(at(target.world.shim, target.database), autocommit=True) as connection:
        try:
            text = fill(attack["sql"], target.world.facts)
            credentials = CREDENTIAL.findall(text)
            if credentials:
                text = CREDENTIAL.sub("%s::text", text.replace("%", "%%"))
            connection.execute(text.encode(), credentials or None)
        except psycopg.Error as error:
            return error.sqlstate or "lost"
    return "own"


def attack_author(target: Target, attack: Json) -> Answer:
    """Apply SQL of an author and call its tool, in a transaction that is rolled back.

    The outcome is the check that apply stops at, else the SQLSTATE of the call.
    """
    facts, accepted = target.world.facts, target.accepted
    arguments = filled(attack.get("arguments", {}), facts)
    call = [target.world.keys[ATTACKER], attack.get("tool", "evil"), json.dumps(arguments)]
    with (
        psycopg.connect(at(target.world.owner, target.database), autocommit=True) as author,
        author.transaction(force_rollback=True),
    ):
        try:
            author.execute(fill(attack["author"], facts).encode())
            author.execute("select mcp_catalog.refresh_catalog()")
            if found := errors(author) - accepted:
                text = "\n".join(" ".join(each.row()) for each in found)
                return Answer(min(each.check for each in found), text)
            author.execute("set local session authorization zava_mcp")
            row = author.execute("select mcp.call_tool(%s, %s, %s)", call).fetchone()
            assert row is not None
        except psycopg.Error as error:
            return Answer(error.sqlstate or "lost", str(error))
    return Answer("own", json.dumps(row[0]), {"rows": [[row[0].get("value")]]})


def errors(database: psycopg.Connection[Any]) -> set[Finding]:
    """Return what apply stops at, but for the lock-down, which apply keeps itself."""
    checks = database.execute(
        "select distinct 'mcp_migrate.check_' || name from mcp_migrate.checks"
        " where level = 'error' and name <> 'lockdown'"
    ).fetchall()
    return {f for f in findings(database, [check for (check,) in checks]) if f.level == ERROR}


def judge(world: World, attack: Json, facts: dict[str, str], answer: Answer) -> Iterator[str]:
    """Say what is wrong with an answer, whatever its outcome."""
    who, sent = attack.get("who", ATTACKER), str(body_of(attack, facts))
    leaks = [
        canary
        for canary, seen_by in world.canaries.items()
        if canary in answer.text and canary not in sent and who not in seen_by
    ]
    if leaks:
        yield f"{len(leaks)} canaries: {', '.join(leaks[:3])}"
    if any(unicodedata.category(c) in ("Cc", "Cf") for c in answer.said):
        yield "control or bidirectional characters in the text of the answer"
    if len(answer.text) > MOST_BYTES and "export" not in attack:
        yield f"{len(answer.text)} bytes"
    if answer.outcome == "own":
        if "value" in attack and last_value(answer) != fill(attack["value"], facts):
            yield f"{fill(attack['value'], facts)} was expected, {last_value(answer)} came"
        if "rows" in attack and answer.content["row_count"] != attack["rows"]:
            yield f"{attack['rows']} rows were expected, {answer.content['row_count']} came"
        if attack.get("absent", "\0") in answer.text:
            yield f"{attack['absent']} was not to be there"


def run_real(
    world: World,
    steps: Iterable[tuple[str, Json]],
    folder: Path,
    is_open: bool = False,
    database: str = REAL,
) -> Iterator[Verdict]:
    """Run attacks, each with its category, on the database as it is."""
    with (
        serving(world, database, folder / f"{database}.log") as client,
        closing(Target(world, client, database)) as whole,
    ):
        for category, attack in steps:
            yield run(whole, category, attack, is_open=is_open)


def run_copies(
    world: World,
    copies: Iterable[str],
    categories: Iterable[Category],
    folder: Path,
    first_catch: bool = False,
) -> Iterator[Verdict]:
    """Run, on each weakened copy, the categories that are meant to see it.

    One server, started on a whole copy, serves them all: its database is dropped and made again
    under it. With first_catch a category ends at the first attack that gets through.
    """
    weaken(world)
    with serving(world, WEAK, folder / f"{WEAK}.log") as client:
        for copy in copies:
            weaken(world, copy)
            with closing(Target(world, client, WEAK)) as weak:
                for category in categories:
                    for attack in category.attacks if copy in category.copies else ():
                        verdict = run(weak, category.name, attack, copy)
                        yield verdict
                        if first_catch and verdict.problems:
                            break


def all_copies(categories: Iterable[Category]) -> list[str]:
    """Name the weakened copies that some category is meant to see, in the file's order."""
    return list(dict.fromkeys(copy for category in categories for copy in category.copies))


# The table ---------------------------------------------------------------------------------------


def summary(categories: list[Category], verdicts: list[Verdict]) -> list[Json]:
    """Count by category: attacks, held, and caught of those that ran on each copy."""
    lines = []
    for category in categories:
        own = [verdict for verdict in verdicts if verdict.category == category.name]
        real = [verdict for verdict in own if not verdict.copy]
        copies = {
            copy: {
                "attacks": len([v for v in own if v.copy == copy]),
                "caught": len([v for v in own if v.copy == copy and v.problems]),
            }
            for copy in category.copies
        }
        held = len([v for v in real if not (v.problems or v.is_visible)])
        line = {
            "category": category.name,
            "attacks": len(real),
            "held": held,
            "visible": len([v for v in real if v.is_visible]),
            "copies": copies,
        }
        lines.append(line)
    return lines


def failures(lines: list[Json], verdicts: list[Verdict]) -> list[str]:
    """Say which attacks got through, and which categories saw nothing on a copy."""
    return [
        *(f"{v.attack}: {'; '.join(v.problems)}" for v in verdicts if v.problems and not v.copy),
        *(
            f"{line['category']} catches nothing on the copy {copy}"
            for line in lines
            for copy, count in line["copies"].items()
            if not count["caught"]
        ),
    ]


def show(lines: list[Json], console: Console) -> None:
    """Print the table."""
    table = Table("category", "attacks", "held", "visible", "caught on weakened copies")
    counts = ("attacks", "held", "visible")
    for line in lines:
        copies = [f"{c} {n['caught']}/{n['attacks']}" for c, n in line["copies"].items()]
        table.add_row(line["category"], *(str(line[c]) for c in counts), ", ".join(copies))
    table.add_section()
    table.add_row("all", *(str(sum(line[c] for line in lines)) for c in counts), "")
    console.print(table)


@click.command(help=__doc__.partition("\n")[0])
@click.option("--category", "names", multiple=True, help="Only these categories.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write all verdicts there.")
@click.option("--real-only", is_flag=True, help="Leave out the weakened copies.")
@click.option(
    "--open", "is_open", is_flag=True, help="Without the lock-down, as in somebody else's database."
)
@click.option(
    "--citus", "url", envvar="ZAVA_CITUS_URL", help="On a cluster: the URI that scale.md names."
)
def main(
    names: tuple[str, ...], file: Path | None, real_only: bool, is_open: bool, url: str | None
) -> None:
    """Run the suite on a database of its own."""
    real_only = real_only or is_open or bool(url)
    console = Console()
    categories = [c for c in load() if not names or c.name in names]
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="zava-attack-") as name:
        folder = Path(name)
        with (
            cluster.server(folder, cluster.THROW_AWAY) as uri,
            (
                build_on_cluster(uri, url)
                if url
                else build(uri, cluster.uri(folder, zava.LOGIN), is_open)
            ) as world,
        ):
            steps = [
                (
                    c.name,
                    {**attack, "expect": attack["citus"]} if url and "citus" in attack else attack,
                )
                for c in categories
                for attack in c.attacks
            ]
            running = run_real(world, steps, folder, is_open)
            verdicts += track(running, "attacks", len(steps), console=console)
            if not real_only:
                expected = sum(len(c.attacks) * len(c.copies) for c in categories)
                running = run_copies(world, all_copies(categories), categories, folder)
                verdicts += track(running, "on weakened copies", expected, console=console)
    lines = summary(categories, verdicts)
    problems = failures([] if real_only else lines, verdicts)
    show(lines, console)
    if file:
        found = {"categories": lines, "verdicts": [vars(verdict) for verdict in verdicts]}
        file.write_text(json.dumps(found, indent=2))
    for problem in problems:
        console.print(problem, style="red", markup=False)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
