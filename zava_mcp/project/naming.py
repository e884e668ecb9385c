"""Names of tools and of their arguments, from names of a database that somebody else made."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from typing import Any

from zava_mcp.migrate.ledger import Connection, scalar

LONGEST = 63  # bytes of a name in PostgreSQL, which cuts what is longer
# letters that are no others with marks, in those of ASCII
LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ı": "i",
    }
)  # fmt: skip
PAGING = ("page_size", "cursor", "max_results")


def words_of(name: str) -> str:
    """Return a name as lower_case_words in ASCII: größe is grosse.

    Empty where nothing is left, or no letter of a name in another script.
    """
    parts = unicodedata.normalize("NFKD", name.translate(LETTERS))
    plain = "".join(each for each in parts if not unicodedata.combining(each))
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", plain)
    words = re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
    return words if plain.isascii() or re.search("[a-z]", words) else ""


def shortened(words: str, suffix: str = "") -> str:
    """Return words and a suffix, of which PostgreSQL keeps every byte; both are ASCII."""
    return words[: LONGEST - len(suffix)].rstrip("_") + suffix


def unique(words: str, suffix: str, taken: Collection[str]) -> str:
    """Return words and a suffix, with a number where that is taken."""
    name, number = shortened(words, suffix), 1
    while name in taken:
        number += 1
        name = shortened(words, f"{suffix}_{number}")
    return name


def name_filters(conn: Connection, described: dict[str, Any]) -> None:
    """Name the arguments by which a tool filters; none has the name of a column of the result."""
    taken = {column["name"] for column in described["columns"]}.union(PAGING)
    for one in described["filters"]:
        words = words_of(one["original"]) or f"column_{one['position']}"
        one["name"] = unique(words, one["suffix"], taken)
        taken.add(one["name"])
    quote_names(conn, described["filters"], "name", "quoted")


def name_arguments(conn: Connection, described: dict[str, Any]) -> None:
    """Name the arguments of a routine; those that would be one to the client get their position."""
    arguments = described["arguments"]
    for one in arguments:
        words = words_of(one["bare"]) or str(one["position"])
        one["name"] = shortened(f"argument_{words}" if words[0].isdigit() else words)
    same = Counter((one["name"], is_input(one)) for one in arguments)
    for one in arguments:
        if same[one["name"], is_input(one)] > 1:
            one["name"] = shortened(one["name"], f"_{one['position']}")
    taken = {one["name"] for one in [*arguments, *described["columns"]]}
    for one in arguments:
        one["prefixed_name"] = unique(f"p_{one['name']}", "", taken)
        taken.add(one["prefixed_name"])
    quote_names(conn, arguments, "name", "quoted")
    quote_names(conn, arguments, "prefixed_name", "prefixed")


def is_input(argument: dict[str, Any]) -> bool:
    """Return whether a caller gives the argument."""
    return argument["mode"] in ("i", "b", "v")


def quote_names(conn: Connection, some: list[dict[str, Any]], key: str, quoted: str) -> None:
    """Quote the names that SQL wants quoted."""
    query = """
        select array(
            select quote_ident(n) from unnest(%s::text[]) with ordinality as u (n, at) order by at
        )
    """
    names = scalar(conn, query, [[one[key] for one in some]])
    for one, name in zip(some, names, strict=True):
        one[quoted] = name
