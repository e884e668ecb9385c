"""Parquet (extra ``parquet``): blocks of CSV from PostgreSQL become row groups."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import structlog

from zava_mcp.shim.answer.errors import Json, MCPError, ValidationError

MISSING = "This server cannot write Parquet: pip install 'zava-mcp[parquet]'."
NO_VALUE = "The result has a value that Parquet cannot hold."
HINT = (
    "Dates and times are finite and of the years 1 to 9999, numbers with a scale have 38 digits"
    " and are not NaN. Use csv, or cast the column to text."
)

BOM = b"\xef\xbb\xbf"  # of which Arrow skips one, that the first value may begin with

log = structlog.get_logger("zava-mcp")


def check(tools: Json) -> None:
    """Log the tools that offer Parquet if pyarrow is not installed."""
    names = [name for name, facts in tools.items() if "parquet" in (facts["exports"] or ())]
    if names and find_spec("pyarrow") is None:
        log.warning("no parquet", reason=MISSING, tools=sorted(names))


class Parquet:
    """A Parquet file that is being written. Raises MCPError if pyarrow is not installed."""

    def __init__(self, file: Any, columns: list[Json]) -> None:
        try:
            import pyarrow
            from pyarrow import csv, parquet
        except ImportError:
            raise MCPError(MISSING, hint="Use csv or jsonl.") from None
        kinds = [(c["name"], getattr(pyarrow, c["type"][0])(*c["type"][1:])) for c in columns]
        self.types = {f"c{number}": kind for number, (_, kind) in enumerate(kinds)}
        self.csv, self.pyarrow, self.schema = csv, pyarrow, pyarrow.schema(kinds)
        self.convert = csv.ConvertOptions(
            column_types=self.types, null_values=[""], strings_can_be_null=True
        )
        self.convert.quoted_strings_can_be_null = False
        self.writer = parquet.ParquetWriter(file, self.schema)
        self.close = self.writer.close

    def write(self, block: bytearray) -> None:
        """Write lines of CSV as one row group. Raises ValidationError."""
        block[:0] = BOM
        try:
            table = self.csv.read_csv(
                self.pyarrow.py_buffer(block),
                self.csv.ReadOptions(column_names=list(self.types), block_size=len(block)),
                self.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                self.convert,
            )
        except self.pyarrow.ArrowInvalid as error:
            raise ValidationError(NO_VALUE, hint=HINT) from error
        self.writer.write_table(self.pyarrow.Table.from_arrays(table.columns, schema=self.schema))
        del table
        self.pyarrow.default_memory_pool().release_unused()  # else it holds three times as much
