"""The commands of ``zava-mcp migrate``: importing a module adds those that it defines."""

from zava_mcp.migrate import apply, bootstrap, proof, schema
from zava_mcp.migrate.console import migrate

__all__ = ["apply", "bootstrap", "migrate", "proof", "schema"]
