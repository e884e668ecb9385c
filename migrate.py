"""Apply and prove this project's SQL: ``python migrate.py X`` is ``zava-mcp migrate X``."""

from zava_mcp.cli import main

if __name__ == "__main__":
    main("migrate")
