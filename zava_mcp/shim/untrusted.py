"""Text that came from rows or clients: nothing in it may hide, or pass for what surrounds it."""

from __future__ import annotations

import json
import re

# Control characters; bidi marks, overrides and isolates; line and paragraph separators; what has
# no shape of its own (zero-width, fillers, variation selectors, tags), in which text can hide from
# people and not from models. Left as they are: U+200C and U+200D one at a time, which Persian,
# Indic scripts and emoji need inside words, and U+FE0F, which makes an emoji of a sign; a row of
# joiners joins nothing, and can only carry something.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|[\u200c\u200d]{2,}"
)


def escaped(text: str) -> str:
    """Return a text with what it hides written as JSON writes it: a backslash, u, four digits."""
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def escaped_json(text: str) -> str:
    """Give JSON text, made without line breaks, so escaped; it decodes to the same value."""
    # what makes JSON escapes everything below U+0020 already
    return text if text.isascii() and "\x7f" not in text else escaped(text)


def visible(text: str) -> str:
    """Return a text of several lines so escaped, but for its line ends and tabs."""
    return HIDDEN.sub(lambda found: found[0] if found[0] in "\n\t" else escaped(found[0]), text)
