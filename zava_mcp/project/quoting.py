"""Names and comments of a database in files that are run: they stay data, whatever they hold."""

from __future__ import annotations

import re

BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # characters that may end a line
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
