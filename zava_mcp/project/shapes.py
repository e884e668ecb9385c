"""``zava-mcp new tool NAME --from-shape N``: the draft of a tool from a frequent free query.

The call log has the shape of a query, with ? in place of its values: these become arguments.
PostgreSQL says which types they and the columns of the result have.
"""

from __future__ import annotations

import re

import psycopg
from psycopg.pq import ExecStatus

from zava_mcp.config import PLAIN
from zava_mcp.counts import some
from zava_mcp.migrate.ledger import USAGE, Connection, Failure

# What stands before a value, and so names it: a column and an operator.
COMPARED = re.compile(
    r'([a-z_]\w*)"?(?:::\w+)?\s*(?:[=<>!]+|(?:not )?i?like|between|(?:not )?in \()\s*$'
)
CLAUSE = re.compile(
    r" ((?:from|where|having|limit|offset|union|(?:group|order) by"
    r"|(?:(?:inner|left|right|full|cross)(?: outer)? )?join) )"
)
SHAPES = """
    select u.subject, u.calls
    from mcp_log.unmet('30 days', 1000) as u
    where u.kind = 'free query'
    order by u.calls desc, u.last_at desc, u.subject
"""


def draft(conn: Connection, number: int, name: str) -> dict[str, str]:
    """Return the words of the template for the shape of that number, from 1. Raises Failure."""
    found = conn.execute(SHAPES).fetchall()
    if not 1 <= number <= len(found):
        have = f"the log of 30 days has {some(len(found), 'shape')} of free queries"
        raise Failure(f"--from-shape {number}: {have}", USAGE)
    shape, calls = found[number - 1]
    if not re.match(r"(select|with)\b", shape):
        hint = "the setting log_arguments is false, so the log has no queries"
        raise Failure(f"--from-shape {number}: {shape} has no shape: {hint}", USAGE)
    numbered, names = with_arguments(shape)
    types, columns = described(conn, numbered, number, shape)
    taken = {column for column, _ in columns}
    names = [f"wanted_{each}" if each in taken else each for each in names]

    def argument(place: re.Match[str]) -> str:
        return f"{name}.{names[int(place[1]) - 1]}"

    query = CLAUSE.sub(r"\n    \1", re.sub(r"\$(\d+)", argument, numbered))
    return {
        "call_count": str(calls),
        "argument_list": ", ".join(map(" ".join, zip(names, types, strict=True))),
        "column_list": ", ".join(map(" ".join, columns)),
        "query_text": query,
        "type_list": ", ".join(types),
        "param_lines": "".join(f"@param {each}  TODO: what it selects.\n" for each in names),
    }


def with_arguments(shape: str) -> tuple[str, list[str]]:
    """Return a shape with $1, $2 ... in place of each ?, and the names of these arguments."""
    text, names = "", list[str]()
    for number, part in enumerate(shape.split("?")):
        if number == 0:
            text = part
            continue
        # a constant with its type, and a list of values, are written otherwise with arguments
        typed = re.search(r"\b(interval|date|time|timestamp|timestamptz) $", text)
        text = text[: typed.start()] if typed else text
        found = COMPARED.search(text)
        name = found[1] if found else "value"
        if re.search(r"\blimit $", text):
            name = "max_results"
        elif re.search(rf"between \${number - 1} and $", text):
            name = f"{names[-1]}_to"
        while name in names:
            name += "_2"
        names.append(name)
        text = re.sub(r"\bin \($", "= any(", re.sub(r"\bnot in \($", "<> all(", text))
        text += f"${number}" + (f"::{typed[1]}" if typed else "") + part
    return text, names


def described(
    conn: Connection, query: str, number: int, shape: str
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the types of a query's arguments, and its columns with their types.

    Raises Failure, with the shape, if PostgreSQL cannot plan it.
    """
    try:
        with conn.transaction(force_rollback=True):
            # what the function will find
            conn.execute("set local search_path = pg_catalog, pg_temp")
            conn.execute("set local plan_cache_mode = force_generic_plan")
            done = conn.pgconn.prepare(b"", query.encode())
            if done.status == ExecStatus.COMMAND_OK:
                done = conn.pgconn.describe_prepared(b"")
            if done.status != ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(done)
            inputs = [done.param_type(each) for each in range(done.nparams)]
            outputs = [
                ((done.fname(each) or b"").decode(), done.ftype(each))
                for each in range(done.nfields)
            ]
            names = dict(
                conn.execute(
                    "select t.oid::bigint, format_type(t.oid, null) from pg_type as t"
                    " where t.oid = any(%s::oid[])",
                    [[*inputs, *(oid for _, oid in outputs)]],
                ).fetchall()
            )
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip()
        raise Failure(
            f"--from-shape {number}: no function can be drafted from it ({reason}):\n{shape}"
        ) from error
    columns = list[tuple[str, str]]()
    for place, (column, oid) in enumerate(outputs, 1):
        is_free = PLAIN.fullmatch(column) and column not in dict(columns)
        columns.append((column if is_free else f"column_{place}", names[oid]))
    return [names[oid] for oid in inputs], columns
