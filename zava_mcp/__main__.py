"""Run the command line: ``python -m zava_mcp``."""

from zava_mcp.cli import main

main()
