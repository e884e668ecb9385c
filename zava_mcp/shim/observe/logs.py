"""The log: to stderr, for people on a terminal, as JSON elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from zava_mcp.shim.answer.results import escaped

log = structlog.get_logger("zava-mcp")


class LibraryLogs(logging.Handler):
    """What libraries log, in the form of our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it."""
        text = record.getMessage()
        log.log(record.levelno, text, logger=record.name, exc_info=record.exc_info)


def plain(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape what could pass for another entry or steer a terminal; indent tracebacks."""
    for name, value in entry.items():
        if isinstance(value, str):
            lines = value.split("\n") if name == "exception" else [value]
            indent = "    " if name == "exception" else ""
            entry[name] = "\n".join(indent + escaped(line) for line in lines)
    return entry


def set_up_logs(level: str = "info") -> None:
    """Log to stderr, from a level on: for people on a terminal, as JSON elsewhere.

    Libraries are logged from WARNING on.
    """
    lowest = logging.getLevelNamesMapping()[level.upper()]
    for_people: list[Any] = [plain, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # the call that an entry is about
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *(for_people if sys.stderr.isatty() else [structlog.processors.JSONRenderer()]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        # each entry by one write, so that those of several processes do not mix
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[LibraryLogs()], level=max(lowest, logging.WARNING))
