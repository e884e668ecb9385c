"""Find the built-in functions that one call of a query can run away with.

``python tests/security/runaway.py`` starts a database of its own and calls every plain function
that the sandbox may call in a fresh PostgreSQL and that takes a value of any length, with values
of odd shapes: runs of one letter, needles that match nowhere but at their end, distinct elements,
negated elements. What takes noticeable time is timed again with values of twice and four times the size, and
once more with so large a value that it would take seconds, under a time limit. A function runs away
when it answers its cancellation later than a second after it: what is slow and asks whether to stop
is ended by the timeout. The list is written to runaway.csv, which ``mcp_migrate.forbidden`` follows
and tests/security/test_runaway.py compares with the server. ``runaway.py FUNCTION ...`` times those again, with what
the list does not have or has not tried.

Left out are regular expressions and similarities, which ask: they were tried, and take hours.
"""

# ruff: noqa: E501
from __future__ import annotations

import csv
import itertools
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from zava_mcp.local import cluster
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.session import Settings

FILE = Path(__file__).with_name("runaway.csv")
FIRST_SIZE = 40_000  # of the values that every function is called with
NOTICED = 0.02  # seconds; what takes less at FIRST_SIZE is not quadratic
LARGEST = 30_000_000  # bytes of a value: what the attack was seen with
PATIENCE = 2.0  # seconds that a call has to be able to take before it is asked to stop
LIMIT_MS = 200  # after which it is asked to stop
UNTRIED = "not tried"  # no query can make such arguments
DEAF = 1.0  # seconds from the cancellation to its effect


def each(value: str, size: int) -> str:
    """Return an expression over numbers g, as many as fit at the given bytes each."""
    return f"(select {value} from generate_series(1, @n / {size}) g)"


# by type: name of a shape, and the expression that makes it of :n
SHAPES: dict[str, dict[str, str]] = {
    "text": {
        "form": "'NFC'",
        "run": "repeat('a', @n)",
        "other run": "repeat('b', @n)",
        "needle": "'b' || repeat('a', @n / 2)",
        "tail": "repeat('a', @n / 2) || 'b'",
        "distinct": each("string_agg(chr(20000 + g % 20000), '')", 3),
        "words": each("string_agg('w' || g, ' ')", 6),
        "marks": "'a' || repeat(chr(769) || chr(803), @n / 4)",
        "like": "'%' || repeat('a', @n / 2) || 'b'",
        "percents": "repeat('%a', @n / 2) || 'b'",
        "digits": "repeat('9', least(@n, 100000))",
        "short": "'a'",
        "empty": "''",
    },
    "bytea": {
        "run": "convert_to(repeat('a', @n), 'UTF8')",
        "needle": "convert_to('b' || repeat('a', @n / 2), 'UTF8')",
        "tail": "convert_to(repeat('a', @n / 2) || 'b', 'UTF8')",
        "like": "convert_to('%' || repeat('a', @n / 2) || 'b', 'UTF8')",
        "distinct": each("string_agg(int4send(g), '')", 4),
        "short": "'a'::bytea",
    },
    "numeric": {
        "digits": "repeat('7', least(@n, 100000))::numeric",
        "fraction": "('0.' || repeat('3', least(@n, 16000)))::numeric",
        "one": "1.5",
    },
    "jsonb": {
        "array": each("jsonb_agg(g)", 8),
        "negated": each("jsonb_agg(-g)", 8),
        "texts": each("jsonb_agg(g::text)", 8),
        "nested": each("jsonb_agg(jsonb_build_array(g))", 8),
        "object": each("jsonb_object_agg('k' || g, g)", 8),
        "short": "'{\"a\": 1}'::jsonb",
    },
    "json": {
        "array": each("json_agg(g)", 8),
        "object": each("json_object_agg('k' || g, g)", 8),
    },
    "text[]": {
        "distinct": each("array_agg(g::text)", 8),
        "negated": each("array_agg((-g)::text)", 8),
        "keys": each("array_agg('k' || g)", 8),
        "same": "array_fill('a'::text, array[@n / 8])",
        "numbers": each("array_agg('0'::text)", 8),
    },
    "int4[]": {
        "distinct": each("array_agg(g)", 4),
        "negated": each("array_agg(-g)", 4),
        "same": "array_fill(1, array[@n / 4])",
    },
    "float8[]": {"distinct": each("array_agg(g::float8)", 8)},
    "tsvector": {
        "words": "array_to_tsvector(" + each("array_agg('k' || g)", 8) + ")",
        "other": "array_to_tsvector(" + each("array_agg('j' || g)", 8) + ")",
        "places": each("string_agg('w' || g || ':' || g % 16000 + 1, ' ')", 8) + "::tsvector",
        "short": "'a:1 b:2'::tsvector",
    },
    "tsquery": {
        "ors": each("string_agg('k' || g, '|')", 16) + "::tsquery",
        "ands": each("string_agg('k' || g, '&')", 16) + "::tsquery",
        "phrase": "(select string_agg('w' || g, '<->') from generate_series(1, least(@n, 40000) / 16) g)::tsquery",
        "short": "'a'::tsquery",
    },
    "path": {
        "zigzag": each("'[' || string_agg('(' || g || ',' || g % 2 || ')', ',') || ']'", 16)
        + "::path",
        "far": each("'[' || string_agg('(' || g || ',' || 100 + g % 2 || ')', ',') || ']'", 16)
        + "::path",
    },
    "polygon": {
        "zigzag": each("'(' || string_agg('(' || g || ',' || g % 2 || ')', ',') || ')'", 16)
        + "::polygon",
        "over": each("'(' || string_agg('(' || g || ',' || 0.3 + g % 2 || ')', ',') || ')'", 16)
        + "::polygon",
    },
    "varbit": {
        "ones": "repeat('1', @n)::varbit",
        "needle": "('0' || repeat('1', @n / 2))::varbit",
        "tail": "(repeat('1', @n / 2) || '0')::varbit",
    },
    "int4multirange": {
        "many": each("range_agg(int4range(g * 3, g * 3 + 1))", 16),
        "between": each("range_agg(int4range(g * 3 + 1, g * 3 + 2))", 16),
    },
    "jsonpath": {
        "plain": "'$'::jsonpath",
        "twice": "'$[*] ? (@ < $[*])'::jsonpath",
        "exists": "'$.** ? (@ == $.**)'::jsonpath",
    },
    "vector": {"long": "(select array_agg(g::real) from generate_series(1, 16000) g)::ext.vector"},
    "halfvec": {
        "long": "(select array_agg(1::real) from generate_series(1, 16000) g)::ext.halfvec"
    },
    "sparsevec": {
        "long": "(select array_agg(g::real) from generate_series(1, 16000) g)::ext.vector::ext.sparsevec"
    },
    "int4": {"one": "1", "many": "@n", "negative": "-1"},
    "int8": {"one": "1::int8", "many": "@n::int8"},
    "int2": {"one": "1::int2"},
    "float8": {"one": "1.5::float8"},
    "float4": {"one": "1.5::float4"},
    "bool": {"true": "true"},
    '"char"': {"a": "'a'::\"char\""},
    "name": {"utf8": "'utf8'::name"},
    "int4range": {"one": "int4range(1, 5)"},
    "point": {"one": "point(1, 1)"},
    "box": {"one": "box(point(0, 0), point(9, 9))"},
    "lseg": {"one": "lseg(point(0, 0), point(9, 9))"},
    "line": {"one": "'{1,2,3}'::line"},
    "circle": {"one": "circle(point(0, 0), 9)"},
    "regconfig": {"english": "'pg_catalog.english'::regconfig"},
    "timestamptz": {"one": "timestamptz '2026-01-01'"},
    "timestamp": {"one": "timestamp '2026-01-01'"},
    "date": {"one": "date '2026-01-01'"},
    "interval": {"one": "interval '1 day'"},
    "money": {"one": "1::money"},
    "anycompatible": {"one": "1"},
    "inet": {"one": "'::1'::inet"},
}
FEW = ["run", "needle", "tail", "distinct", "short"]  # of text, where a function takes three
SAME = {
    "varchar": "text", "bpchar": "text", "cstring": "", "unknown": "text", "bit": "varbit",
    "anyelement": "int4", "anynonarray": "int4", "anyarray": "int4[]", "anycompatible": "int4",
    "anycompatiblearray": "int4[]", "anymultirange": "int4multirange", "anyrange": "int4range",
    "anycompatiblerange": "int4range", "anycompatiblemultirange": "int4multirange", "real": "float4",
    "any": "text", "_text": "text[]", "_int4": "int4[]", "_float8": "float8[]", "anycompatiblenonarray": "int4",
}  # fmt: skip
LONG = {  # types whose values can be long
    "text", "bytea", "numeric", "jsonb", "json", "text[]", "int4[]", "float8[]", "tsvector", "tsquery",
    "path", "polygon", "varbit", "int4multirange", "vector", "halfvec", "sparsevec",
}  # fmt: skip
CANDIDATES = """
select p.oid::regprocedure::text, p.proretset, p.provariadic <> 0, p.oid::regproc::text,
    array(select t.typname from unnest(p.proargtypes::oid[]) with ordinality as a (type, n)
        join pg_type as t on t.oid = a.type order by a.n)
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
left join mcp_migrate.forbidden() as f on f.kind = 'function' and f.object = p.oid::regprocedure::text
where p.prokind = 'f' and (n.nspname = 'pg_catalog' or exists (
        select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    ))
    and has_schema_privilege('mcp_sandbox', n.oid, 'usage')
    and (f.object is null or f.class = 'runaway')
    and p.proname !~ 'regex|similarity|^(like_escape|similar)'
    and p.proname !~ '_(in|out|recv|send|support|sel|joinsel|typmodin|typmodout)$'
order by 1
"""


class Candidate(NamedTuple):
    """A function that is to be tried, and the kinds of its arguments."""

    function: str
    returns_set: bool
    is_variadic: bool
    name: str
    kinds: list[str]


@dataclass
class Finding:
    """What came of one function: its worst shapes, and why it runs away, if it does."""

    function: str
    shapes: str
    seconds: float
    exponent: float
    late: float

    @property
    def runs_away(self) -> bool:
        """Return whether it is to be kept from the sandbox."""
        return self.late > DEAF


def kind(type_name: str) -> str:
    """Return the type whose shapes a type is called with; "" when no query can make one."""
    name = SAME.get(type_name, type_name)
    return '"char"' if type_name == "char" else name


class Bench:
    """One session that times calls, with the arguments made before the clock starts."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.values: set[str] = set()
        connection.execute("set search_path = pg_catalog, ext")
        connection.execute("set max_parallel_workers_per_gather = 0")
        connection.execute("set statement_timeout = 0")

    def table(self, kind_: str, shape: str, size: int) -> str:
        """Create a temporary table with one value, and return its name."""
        name = f"{kind_}_{shape}_{size}".replace('"', "").replace("[]", "s").replace(" ", "_")
        if name not in self.values:
            value = SHAPES[kind_][shape].replace("@n", str(size))
            self.connection.execute(f'create temp table "{name}" as select {value} as v'.encode())
            # a value is read from its table as it is in a query: uncompressed, in memory
            self.values.add(name)
        return f'pg_temp."{name}"'

    def seconds(self, tried: Candidate, shapes: tuple[str, ...], size: int) -> tuple[float, str]:
        """Time one call; give the SQLSTATE too, "" when it went through."""
        kinds = tried.kinds
        tables = [
            # a tsquery is too long for a row
            f"(select {SHAPES[k][s].replace('@n', str(size))} as v)"
            if k == "tsquery"
            else self.table(k, s, size)
            for k, s in zip(kinds, shapes, strict=True)
        ]
        names = [f"x{i}" for i in range(len(tables))]
        if tried.is_variadic:
            names[-1] = f"variadic {names[-1]}"
        called = f"{tried.name}({', '.join(names)})"
        source = ", ".join(
            f"(select v || '' as x{i} from {t} as t offset 0) as s{i}"
            if kinds[i] == "text"
            else f"(select v as x{i} from {t} as t offset 0) as s{i}"
            for i, t in enumerate(tables)
        )
        query = (
            f"select count(*) from (select {called} from {source} offset 0) as t"
            if tried.returns_set
            else f"select count(r) from (select {called} as r from {source} offset 0) as t"
        )
        start = time.perf_counter()
        state = ""
        try:
            self.connection.execute(query.encode())
        except psycopg.Error as error:
            state = error.sqlstate or "?"
        return time.perf_counter() - start, state

    def examine(self, tried: Candidate) -> Finding | None:
        """Call a function with all shapes, and what takes long more closely."""
        best, kinds = Finding(tried.function, "", 0.0, 0.0, 0.0), tried.kinds
        self.connection.execute("set statement_timeout = 400")
        seen = []
        few = sum(k == "text" for k in kinds) > 2
        for shapes in itertools.product(
            *(FEW if few and k == "text" else SHAPES[k] for k in kinds)
        ):
            took, state = self.seconds(tried, shapes, FIRST_SIZE)
            if state in ("42883", "42725", "42P13", "42809"):
                return None
            seen.append((took, shapes))
            if sum(took > 0.3 for took, _ in seen) == 3:
                break
        seen.sort(reverse=True)
        for took, shapes in seen[:2]:
            if took < NOTICED:
                break
            finding = self.closely(tried, shapes)
            if (finding.runs_away, finding.late, finding.seconds) > (
                best.runs_away,
                best.late,
                best.seconds,
            ):
                best = finding
            if best.runs_away:
                break
        if not best.shapes and seen:
            best = Finding(tried.function, " ".join(seen[0][1]), seen[0][0], 0.0, 0.0)
        return best

    def closely(self, tried: Candidate, shapes: tuple[str, ...]) -> Finding:
        """Time a call at three sizes, and cancel a long one."""
        self.connection.execute("set statement_timeout = 1500")
        sizes = [FIRST_SIZE, FIRST_SIZE * 2]
        times = [min(self.seconds(tried, shapes, size)[0] for _ in range(2)) for size in sizes]
        exponent = math.log2(max(times[1], 1e-4) / max(times[0], 1e-4))
        size = min(
            LARGEST,
            int(sizes[1] * max(1, (PATIENCE / max(times[1], 1e-4)) ** (1 / max(exponent, 0.5)))),
        )
        late = 0.0
        if times[1] > 0.02:
            with suppress(psycopg.Error):
                self.connection.execute("set statement_timeout = 20000")
                for k, s in zip(tried.kinds, shapes, strict=True):
                    if k != "tsquery":
                        self.table(k, s, size)
                self.connection.execute(f"set statement_timeout = {LIMIT_MS}")
                took, _ = self.seconds(tried, shapes, size)
                late = max(0.0, took - LIMIT_MS / 1000)
            self.connection.execute("set statement_timeout = 400")
        return Finding(
            tried.function, " ".join(shapes), times[1], round(exponent, 2), round(late, 2)
        )


def candidates(connection: psycopg.Connection[Any]) -> Iterator[Candidate]:
    """Return what is to be tried."""
    rows = connection.execute(CANDIDATES.encode()).fetchall()
    for function, returns_set, is_variadic, name, types in rows:
        kinds = [kind(type_name) for type_name in types]
        if set(kinds) & LONG and not {"internal", ""} & set(kinds):
            yield Candidate(function, returns_set, is_variadic, name, kinds)


def examine_all(uri: str, known: dict[str, Finding]) -> Iterator[Finding]:
    """Examine every candidate that is not known, in a database with the core and no lock-down."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = list(candidates(connection))  # with their schemas, before the search path has them
        bench = Bench(connection)
        for tried in found:
            finding = known.get(tried.function)
            if not finding and set(tried.kinds) <= SHAPES.keys():
                try:
                    finding = bench.examine(tried)
                except psycopg.Error:
                    connection.execute("set statement_timeout = 400")
            yield finding or Finding(tried.function, UNTRIED, 0.0, 0.0, 0.0)


def read() -> dict[str, Finding]:
    """Read the list as it was written last."""
    with FILE.open(encoding="utf-8") as file:
        return {
            row[0]: Finding(row[0], row[1], *(float(number) for number in row[2:]))
            for row in csv.reader(file)
        }


def main(again: list[str]) -> int:
    """Examine all, or those ``again`` and what the list lacks; write it, print what runs away."""
    kept = read() if again else {}
    known = {
        name: finding
        for name, finding in kept.items()
        if finding.shapes != UNTRIED and name not in again
    }
    folder = Path(tempfile.mkdtemp(prefix="zava-runaway-"))
    try:
        with cluster.server(folder / "data", cluster.THROW_AWAY) as uri:
            settings = Settings(url=uri, no_lockdown=True)
            run_apply(settings, settings.tree(), quiet=True)
            findings = list(examine_all(uri, known))
            with FILE.open("w", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                for finding in findings:
                    numbers = (finding.seconds, finding.exponent, finding.late)
                    writer.writerow(
                        [finding.function, finding.shapes, *(round(n, 2) for n in numbers)]
                    )
                    if finding.runs_away:
                        print(finding, flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
