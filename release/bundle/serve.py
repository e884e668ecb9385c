"""Serve one client over stdin and stdout: what the bundle's manifest starts."""

from zava_mcp.cli import main

main("serve", "--stdio")
