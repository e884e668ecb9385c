"""Find the smallest part of a list that still does what the whole list does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def smallest(items: Sequence[Item], holds: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """Return a part for which ``holds`` is true, halving while one half suffices.

    ``holds`` is true of ``items``, or they are returned as they are.
    """
    found = list(items)
    while len(found) > 1:
        middle = len(found) // 2
        half = next((part for part in (found[:middle], found[middle:]) if holds(part)), None)
        if half is None:
            break
        found = half
    return found
