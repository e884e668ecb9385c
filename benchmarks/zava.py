"""Zava Retail as tests and benchmarks run it: its project, its demo and its server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from zava_mcp.config import read_project
from zava_mcp.project import demo
from zava_mcp.project.serving import serving

ROOT = Path(__file__).resolve().parents[1]
PROJECT = read_project(ROOT / "zava.toml")
LOGIN = PROJECT.login
SEED = demo.SEED

__all__ = ["LOGIN", "PROJECT", "ROOT", "SEED", "demo_keys", "prepare", "serving"]


def prepare(
    uri: str, orders: int, embedder: str, history: timedelta = timedelta(days=2192)
) -> bool:
    """Apply the core, Zava and its demo, and load ``orders`` where the database is empty."""
    return demo.prepare(PROJECT, uri, embedder, orders, history=f"{history.days} days")


def demo_keys(uri: str, server_uri: str, file: Path) -> dict[str, Any]:
    """Return {"head_office": key, "regional_manager": key, "stores": {store name: key}}."""
    return demo.demo_keys(PROJECT, uri, server_uri, file)
