"""The commands of ``zava-mcp migrate``: importing a module adds those that it defines."""

from zava_mcp.migrate import apply, baseline, bootstrap, lockdown, proof, schema, uninstall
from zava_mcp.migrate.console import migrate
from zava_mcp.migrate.prove import command as prove

__all__ = [
    "apply",
    "baseline",
    "bootstrap",
    "lockdown",
    "migrate",
    "proof",
    "prove",
    "schema",
    "uninstall",
]
