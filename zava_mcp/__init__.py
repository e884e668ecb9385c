"""zava-mcp: a PostgreSQL database as an MCP server whose tools are SQL functions."""

from importlib.metadata import version

__version__ = version("zava-mcp")
