"""The log: to stderr, for people on a terminal, as JSON elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

log = structlog.get_logger("zava-mcp")


class LibraryLogs(logging.Handler):
    """What libraries log, in the form of our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it."""
        text = record.getMessage()
        log.log(record.levelno, text, logger=record.name, exc_info=record.exc_info)


def set_up_logs() -> None:
    """Log to stderr: for people on a terminal, as JSON elsewhere; libraries from WARNING on."""
    form: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.dev.ConsoleRenderer()] if sys.stderr.isatty() else form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[LibraryLogs()], level=logging.WARNING)
