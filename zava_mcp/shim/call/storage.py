"""Storage of exported files: a folder, or a bucket of S3 and compatible services.

A file has its name once it is complete; until then it is listed with the suffix PARTIAL. Every
method raises OSError.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zava_mcp.shim.settings import Refusal, Settings

PARTIAL = ".part"  # the end of the name of a file that is being written
NAMES = "*-*-*-*-*.*"  # those of exports
S3 = "s3://"
WRITTEN_SECONDS, COMMIT_SECONDS = 7 * 3600, 600  # no task writes longer, no commit takes longer
PART = 1 << 23  # bytes that are sent to a bucket at once; 10,000 times as many are a file


def user() -> int:
    """Return the id of this process's user; 0 if the system has none."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def open_storage(settings: Settings) -> Folder | Bucket:
    """Return the storage of ZAVA_EXPORTS, by default a folder of this user. Raises Refusal."""
    if settings.exports and settings.exports.startswith(S3):
        return Bucket(settings.exports)
    if settings.exports:
        return Folder(Path(settings.exports))
    url = settings.database_url.get_secret_value()
    name = f"zava-mcp-exports-{user()}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
    return Folder(Path(tempfile.gettempdir(), name), is_ours=True)


class Folder:
    """A folder, which several servers may share.

    ``is_ours``: it is in the temporary folder of the machine, so its owner is checked.
    """

    read_bytes = 1 << 18  # at once
    settled_seconds = COMMIT_SECONDS  # after its last change a complete file has its row

    def __init__(self, path: Path, is_ours: bool = False) -> None:
        self.path, self.is_ours = path, is_ours

    def open(self, name: str) -> FolderFile:
        """Open a new file for writing; create the folder if it is missing."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.is_ours and self.path.stat().st_uid != user():
            raise PermissionError(f"{self.path} is of somebody else")
        return FolderFile(self.path / name)

    def problem(self) -> str:
        """Return why the folder of ZAVA_EXPORTS takes no file, "" if it does."""
        try:
            if not self.is_ours:  # ours is made by the first export
                self.open(f"{uuid.uuid4()}.check").abort()
        except OSError as error:
            return str(error)
        return ""

    def size(self, name: str) -> int:
        """Return the size of a file in bytes."""
        return (self.path / name).stat().st_size

    def read(self, name: str, begin: int, most: int) -> bytes:
        """Return at most ``most`` bytes of a file, from byte ``begin`` on."""
        with (self.path / name).open("rb") as file:
            file.seek(begin)
            return file.read(most)

    def files(self) -> Iterator[tuple[str, float]]:
        """Yield the name of each file and the time of its last change, in seconds since 1970."""
        for path in self.path.glob(NAMES):
            yield path.name, path.stat().st_mtime

    def delete(self, name: str) -> None:
        """Delete a file if it exists."""
        (self.path / name).unlink(missing_ok=True)


class FolderFile:
    """A new file of a folder."""

    def __init__(self, path: Path) -> None:
        self.path, self.partial = path, path.with_name(path.name + PARTIAL)
        self.partial.touch(0o600, exist_ok=False)
        self.file = self.partial.open("wb")
        self.write = self.file.write

    def commit(self) -> None:
        """Close the file and rename it."""
        self.file.close()
        self.partial.rename(self.path)

    def abort(self) -> None:
        """Delete the file, complete or not."""
        with contextlib.suppress(OSError):
            self.file.close()
        for path in (self.partial, self.path):
            path.unlink(missing_ok=True)


class Bucket:
    """The objects of a bucket below a prefix. Raises Refusal."""

    read_bytes = 1 << 20  # at once
    settled_seconds = WRITTEN_SECONDS  # of an upload S3 keeps the time when it began

    def __init__(self, url: str) -> None:
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            raise Refusal("ZAVA_EXPORTS needs more: pip install 'zava-mcp[s3]'") from None
        parts, self.failures = urlsplit(url), (BotoCoreError, ClientError)
        if not parts.path.strip("/"):
            raise Refusal(f"ZAVA_EXPORTS={url} has no prefix: s3://{parts.netloc}/exports")
        self.prefix = parts.path.strip("/") + "/"
        self.bucket = {"Bucket": parts.netloc}
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path"},  # what all of them know, as what follows
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            self.client = boto3.client("s3", config=config)
        except (*self.failures, ValueError) as error:
            raise Refusal(f"ZAVA_EXPORTS={url}: {error}") from None

    def ask(self, action: str, name: str, **more: Any) -> Any:
        """Call an operation of S3 for a file; return its answer, or the body of that."""
        try:
            answer = getattr(self.client, action)(**self.bucket, Key=self.prefix + name, **more)
            return answer["Body"].read() if "Body" in answer else answer
        except self.failures as error:
            raise OSError(f"{action} {name}: {error}") from error

    def pages(self, action: str, items: str, name: str = "") -> Iterator[tuple[str, Any]]:
        """Yield name and description of each object or upload whose name begins with ``name``."""
        pages = self.client.get_paginator(action)
        try:
            for page in pages.paginate(**self.bucket, Prefix=self.prefix + name, Delimiter="/"):
                for item in page.get(items, ()):
                    key = item["Key"].removeprefix(self.prefix)
                    if fnmatch(key, NAMES) and "/" not in key:
                        yield key, item
        except self.failures as error:
            raise OSError(f"{action}: {error}") from error

    def open(self, name: str) -> BucketFile:
        """Begin a multipart upload."""
        return BucketFile(self, name)

    def problem(self) -> str:
        """Return "": a bucket is asked by the first export."""
        return ""

    def size(self, name: str) -> int:
        """Return the size of a file in bytes."""
        return int(self.ask("head_object", name)["ContentLength"])

    def read(self, name: str, begin: int, most: int) -> bytes:
        """Return at most ``most`` bytes of a file, from byte ``begin`` on."""
        data: bytes = self.ask("get_object", name, Range=f"bytes={begin}-{begin + most - 1}")
        return data

    def files(self) -> Iterator[tuple[str, float]]:
        """Yield the name of each file and the time of its last change, in seconds since 1970."""
        for name, item in self.pages("list_objects_v2", "Contents"):
            yield name, item["LastModified"].timestamp()
        for name, item in self.pages("list_multipart_uploads", "Uploads"):
            yield name + PARTIAL, item["Initiated"].timestamp()

    def delete(self, name: str) -> None:
        """Delete a file if it exists; with PARTIAL, abort its unfinished uploads."""
        if not name.endswith(PARTIAL):
            self.ask("delete_object", name)
            return
        uploads = self.pages("list_multipart_uploads", "Uploads", name.removesuffix(PARTIAL))
        for key, item in [*uploads]:
            self.ask("abort_multipart_upload", key, UploadId=item["UploadId"])


class BucketFile:
    """An object that is uploaded in parts, and exists once it is committed."""

    def __init__(self, bucket: Bucket, name: str) -> None:
        self.bucket, self.name = bucket, name
        self.waiting, self.parts = bytearray(), list[dict[str, Any]]()
        self.upload = bucket.ask("create_multipart_upload", name)["UploadId"]

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes; upload full parts."""
        self.waiting += data
        while len(self.waiting) >= PART:  # of one size, as some storages want them
            self.send()

    def send(self) -> None:
        """Upload a part."""
        number, body = len(self.parts) + 1, bytes(self.waiting[:PART])
        more = {"UploadId": self.upload, "PartNumber": number, "Body": body}
        tag = self.bucket.ask("upload_part", self.name, **more)["ETag"]
        self.parts.append({"PartNumber": number, "ETag": tag})
        del self.waiting[:PART]

    def commit(self) -> None:
        """Upload the rest, and complete the object."""
        if self.waiting or not self.parts:
            self.send()
        more = {"UploadId": self.upload, "MultipartUpload": {"Parts": self.parts}}
        self.bucket.ask("complete_multipart_upload", self.name, **more)

    def abort(self) -> None:
        """Delete the file, complete or not."""
        with contextlib.suppress(OSError):  # it may be complete already
            self.bucket.ask("abort_multipart_upload", self.name, UploadId=self.upload)
        self.bucket.delete(self.name)
