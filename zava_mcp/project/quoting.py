"""Names and comments of a database in files that are run: they stay data, whatever they hold."""

from __future__ import annotations

import re

BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # characters that may end a line
# words that PostgreSQL takes for syntax where a function's name stands before that of an argument
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
    references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window
    with
    """,
    )
)
ITEM = re.compile(r'(?:[^",]|"[^"]*")+')  # a comma between double quotes belongs to a name


def one_line(text: str) -> str:
    """Return a text that cannot end the line of a comment."""
    return BREAKS.sub(" ", text)


def remark(text: str) -> str:
    """Write a comment of SQL."""
    return f"-- {one_line(text)}"


def dollar_quoted(text: str, tag: str) -> str:
    """Quote a text by the tag, or by the next one with _ that does not end within it."""
    while f"${tag}$" in f"{text}$":
        tag += "_"
    return f"${tag}${text}${tag}$"


def broken(items: str, width: int, indent: str = "    ") -> str:
    """Break a list after commas, and never inside a quoted name."""
    lines = [""]
    for item in ITEM.findall(items):
        if lines[-1] and len(f"{indent}{lines[-1]},{item},") > width:
            lines.append("")
        lines[-1] += f",{item}" if lines[-1] else item.lstrip()
    return ",\n".join(f"{indent}{line}" for line in lines)
