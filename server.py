"""Serve this project's tools: ``python server.py`` is ``zava-mcp serve``."""

from zava_mcp.cli import main

if __name__ == "__main__":
    main("serve")
