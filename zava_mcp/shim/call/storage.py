"""Where the files of exports are: the one place that knows of folders.

A file is there once it is complete, under its name; what is being written has another.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from zava_mcp.shim.settings import Settings

PARTIAL = ".part"  # the end of the name of a file that is being written
NAMES = "*-*-*-*-*.*"  # those of exports


class File(Protocol):
    """A file that is being written. Each method raises OSError."""

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes."""

    def commit(self) -> None:
        """Make it complete, and give it its name."""

    def abort(self) -> None:
        """Leave nothing of it, complete or not."""


class Storage(Protocol):
    """Files by their names. Each method raises OSError."""

    def open(self, name: str) -> File:
        """Begin a new file, which nobody else reads."""

    def size(self, name: str) -> int:
        """Return the bytes that a file has."""

    def read(self, name: str, begin: int, most: int) -> bytes:
        """Return bytes of a file, all that there are between ``begin`` and ``begin + most``."""

    def list(self) -> Iterable[tuple[str, float]]:
        """Return each file with the time of its last change; what is being written has PARTIAL."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""


def user() -> int:
    """Return the user of this process; 0 where the system has no numbers for users."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def open_storage(settings: Settings) -> Storage:
    """Return where the settings want the files: without a word, in a folder of this user alone."""
    if settings.exports:
        return Folder(settings.exports)
    url = settings.database_url.get_secret_value()
    name = f"zava-mcp-exports-{user()}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
    return Folder(Path(tempfile.gettempdir(), name), is_ours=True)


class Folder:
    """A folder, which several servers may share; ``is_ours`` where others may make folders too."""

    def __init__(self, path: Path, is_ours: bool = False) -> None:
        self.path, self.is_ours = path, is_ours

    def open(self, name: str) -> File:
        """Begin a file, and the folder where it is missing."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.is_ours and self.path.stat().st_uid != user():
            raise PermissionError(f"{self.path} is of somebody else")
        return FolderFile(self.path / name)

    def size(self, name: str) -> int:
        """Return the bytes that a file has."""
        return (self.path / name).stat().st_size

    def read(self, name: str, begin: int, most: int) -> bytes:
        """Return bytes of a file."""
        with (self.path / name).open("rb") as file:
            file.seek(begin)
            return file.read(most)

    def list(self) -> Iterable[tuple[str, float]]:
        """Return each file with the time of its last change."""
        return [(path.name, path.stat().st_mtime) for path in self.path.glob(NAMES)]

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self.path / name).unlink(missing_ok=True)


class FolderFile:
    """A file of a folder, which gets its name when it is complete."""

    def __init__(self, path: Path) -> None:
        self.path, self.partial = path, path.with_name(path.name + PARTIAL)
        self.partial.touch(0o600, exist_ok=False)
        self.file = self.partial.open("wb", buffering=0)

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes."""
        self.file.write(data)

    def commit(self) -> None:
        """Close it, and give it its name."""
        self.file.close()
        self.partial.rename(self.path)

    def abort(self) -> None:
        """Delete it."""
        with contextlib.suppress(OSError):
            self.file.close()
        for path in (self.partial, self.path):
            path.unlink(missing_ok=True)
