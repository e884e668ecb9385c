"""The settings of zava-mcp serve, from the environment and a TOML file."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import click
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG = "ZAVA_CONFIG"  # the variable that names the file
# the last three are read by other commands
OTHER_SETTINGS = {
    CONFIG,
    "ZAVA_POSTGRES_BIN",
    "ZAVA_DATA_DIR",
    "ZAVA_DEMO_SIZE",
    "ZAVA_EMBEDDING_BATCH",
}


class Settings(BaseSettings):
    """The settings of the environment, then those of the TOML file that ZAVA_CONFIG names.

    The variable of a field is ZAVA_ and its name. In the file it is only the name.
    """

    model_config = SettingsConfigDict(env_prefix="ZAVA_")

    database_url: SecretStr = Field(min_length=1, description="postgresql://user:...@host/name")
    direct_url: SecretStr | None = Field(
        None, description="a direct connection, if ZAVA_DATABASE_URL leads to a pooler"
    )
    replica_url: Annotated[list[SecretStr], NoDecode] = Field(
        [], description="streaming replicas for reads: URLs, with spaces between them"
    )
    replica_lag: float = Field(
        5, gt=0, le=3600, description="seconds that a read on a replica may be behind"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on, 0 for any free one")
    workers: int = Field(
        1, ge=1, le=64, description="processes that share the port; sessions need 1"
    )
    api_key: SecretStr | None = Field(None, description="the API key of --stdio, zava_...")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [],
        description="host names of clients, separated by commas; optional on the loopback address",
    )
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        [], description="origins of web pages that may call, separated by commas"
    )
    oauth_issuer: str | None = Field(
        None, description="identity provider whose tokens are accepted"
    )
    oauth_audience: str | None = Field(
        None, description="URL of this server: the OAuth audience of these tokens"
    )
    oauth_token_audience: str | None = Field(
        None, description="aud of its tokens, if it differs, as with Microsoft Entra"
    )
    oauth_jwks_url: str | None = Field(
        None, description="URL of its keys, if it publishes no metadata"
    )
    oauth_scopes: Annotated[list[str], NoDecode] = Field(
        [], description="OAuth scopes that a token must have, separated by commas"
    )
    oauth_client_id: str | None = Field(
        None,
        description="client of the workbench; its redirect URI is /sign-in/answer of this server",
    )
    oauth_client_secret: SecretStr | None = Field(
        None, description="secret of that client, if the provider requires one"
    )
    assertion_key: SecretStr | None = Field(
        None, description="from zava-mcp key rotate assertion; needed for OAuth"
    )
    embedder: Literal["local", "openai", "none"] = Field("local", description="what embeds text")
    embedding_model: str | None = Field(None, description="name of the model")
    embedding_base_url: str | None = Field(None, description="OpenAI-compatible endpoint")
    embedding_api_key: SecretStr | None = Field(None, description="key for that endpoint")
    embedding_timeout: float = Field(
        5, ge=0.1, le=600, description="seconds to wait for an embedding"
    )
    embedding_retries: int = Field(1, ge=0, le=20, description="how often to retry an embedding")
    redis_url: SecretStr | None = Field(
        None, description="redis://:password@host:6379/0, for limits and cache of several servers"
    )
    bad_tokens: int = Field(
        60, ge=1, le=1_000_000, description="refused tokens a minute allowed from one address"
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        [], description="addresses of proxies whose X-Forwarded-For is trusted, separated by commas"
    )
    max_connections: int = Field(
        500, ge=1, le=100_000, description="maximum number of client connections"
    )
    sessions: int = Field(
        500, ge=0, le=100_000, description="maximum number of sessions; 0: no sessions"
    )
    receive_timeout: float = Field(
        30, gt=0, le=3600, description="seconds within which a request must arrive"
    )
    pool_min: int = Field(2, ge=1, le=1000, description="database connections kept open")
    pool_max: int = Field(10, ge=1, le=1000, description="database connections at most")
    pool_wait: float = Field(
        5, gt=0, le=600, description="seconds a call waits for a free connection"
    )
    retry_seconds: float = Field(
        15, ge=0, le=600, description="seconds a call waits for a database that restarts"
    )
    stop_seconds: float = Field(
        5, ge=0, le=600, description="seconds that running calls get when the server stops"
    )
    tasks: int = Field(
        2, ge=0, le=1000, description="tasks run at once, each on a connection of its own; 0 none"
    )
    exports: str | None = Field(
        None,
        description="folder or s3://bucket/prefix of exported files, one per database, shared by"
        " all its servers; default: a temporary folder",
    )
    command_timeout: float = Field(30, gt=0, le=3600, description="seconds a tool may take at most")
    log_level: Literal["info", "warning", "error"] = Field(
        "info", description="info: a line for each call; warning: only what goes wrong; error"
    )
    cache_size: int = Field(
        1000,
        ge=0,
        le=1_000_000,
        description="answers cached in memory; 0: no cache, also not in ZAVA_REDIS_URL",
    )
    maintain_seconds: float = Field(
        3600, ge=0, le=86_400, description="seconds between two runs of mcp.maintain(); 0: never"
    )
    workbench: bool | None = Field(
        None,
        description="on or off: the page for people at /; default: on only at the loopback address",
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="bearer token for /metrics, at least 16 characters; without one only this"
        " machine",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the order of sources: options, the environment, the file."""
        file = TomlConfigSettingsSource(settings_cls, os.environ.get(CONFIG) or None)
        return init_settings, env_settings, file

    @field_validator(
        "allowed_hosts", "allowed_origins", "oauth_scopes", "trusted_proxies", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("replica_url", mode="before")
    @classmethod
    def _split_urls(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value  # a URL has commas of its own

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: list[str]) -> list[str]:
        for each in value if value != ["*"] else ():
            try:
                _ = ip_network(each) if "/" in each else ip_address(each)
            except ValueError:
                text = f"{each} is no IP address and no network, and never matches"
                raise ValueError(text) from None
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _check_hosts(cls, value: list[str]) -> list[str]:
        for each in value:
            if "/" in each:
                text = f"{each} is no host name: write it without scheme and path"
                raise ValueError(text)
        return value

    @field_validator("allowed_hosts", "allowed_origins")
    @classmethod
    def _lower(cls, value: list[str]) -> list[str]:
        return [each.lower() for each in value]  # as clients send them


class Refusal(click.ClickException):
    """The server cannot start; the message has reason and remedy."""

    def __init__(self, message: str, exit_code: Literal[1, 2] = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click documents it as overridable


def load_settings(**options: Any) -> Settings:
    """Return the settings; an option that is not None overrides the environment. Raises Refusal."""
    known = {f"ZAVA_{name.upper()}" for name in Settings.model_fields} | OTHER_SETTINGS
    for name in sorted(name for name in os.environ if name.upper().startswith("ZAVA_")):
        if name.upper() not in known:
            raise Refusal(f"{name} is not a setting{meant(name.upper(), known)}")
    check_file()
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        problems = [
            f"ZAVA_{str(e['loc'][0]).upper()}: {said(str(e['type']), str(e['msg']))}"
            for e in error.errors()
        ]
        raise Refusal("\n".join(problems)) from None
    if settings.pool_min > settings.pool_max:
        raise Refusal(
            f"ZAVA_POOL_MIN={settings.pool_min} is over ZAVA_POOL_MAX={settings.pool_max}"
        )
    if settings.workers > 1 and settings.sessions:
        if "sessions" in settings.model_fields_set:
            text = "a session lives in one process, and its requests may reach another"
            raise Refusal(f"ZAVA_SESSIONS={settings.sessions} needs ZAVA_WORKERS=1: {text}")
        settings.sessions = 0
    if settings.workers > 1 and settings.workbench:
        raise Refusal("ZAVA_WORKBENCH=on needs ZAVA_WORKERS=1: its sessions live in one process")
    check_oauth(settings)
    return settings


def said(kind: str, message: str) -> str:
    """Return what is wrong with a setting, in place of pydantic's words for an empty text."""
    if kind == "string_too_short" or (kind == "too_short" and "at least 1 " in message):
        return "it is empty"
    return message.removeprefix("Value error, ")


def meant(name: str, known: set[str]) -> str:
    """Return ", did you mean NAME?" for an unknown name, or where they are listed."""
    near = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {near[0]}?" if near else "; docs/settings.md lists them"


def check_file() -> None:
    """Check the names in the file of ZAVA_CONFIG. Raises Refusal."""
    path = os.environ.get(CONFIG)
    if not path:
        return
    try:
        names = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # its text has a line number, and nothing of the line
        raise Refusal(f"{CONFIG}: {path} cannot be read: {error}") from None
    known = set(Settings.model_fields)
    for name in names:
        if name not in known:
            bare = name.lower().removeprefix("zava_")  # as in the environment
            raise Refusal(f"{CONFIG}: {name} is not a setting{meant(bare, known)}")


def check_oauth(settings: Settings) -> None:
    """Raise Refusal if the OAuth settings are incomplete, or a URL is not encrypted."""
    key = settings.assertion_key.get_secret_value() if settings.assertion_key else ""
    needed = {
        "ZAVA_OAUTH_ISSUER": settings.oauth_issuer,
        "ZAVA_OAUTH_AUDIENCE": settings.oauth_audience,
        "ZAVA_ASSERTION_KEY": key,
    }
    missing = [name for name, value in needed.items() if not value]
    client = [settings.oauth_client_id, settings.oauth_client_secret]
    others = [settings.oauth_token_audience, settings.oauth_jwks_url, settings.oauth_scopes]
    settings_of_oauth = [*needed.values(), *others, *client]
    if missing and any(settings_of_oauth):
        raise Refusal(f"OAuth needs {' and '.join(missing)} too: see docs/authentication.md")
    if settings.oauth_client_secret and not settings.oauth_client_id:
        raise Refusal("ZAVA_OAUTH_CLIENT_SECRET needs ZAVA_OAUTH_CLIENT_ID too")
    urls = {
        "ZAVA_OAUTH_ISSUER": settings.oauth_issuer,
        "ZAVA_OAUTH_AUDIENCE": settings.oauth_audience,
        "ZAVA_OAUTH_JWKS_URL": settings.oauth_jwks_url,
    }
    for name, url in urls.items():
        if url and not is_safe_url(url):
            raise Refusal(f"{name}={url} is not like https://host/path")
    if key and not re.fullmatch("[0-9a-f]{64}", key):
        raise Refusal("ZAVA_ASSERTION_KEY is not 64 hexadecimal digits")


def is_safe_url(url: object) -> bool:
    """Return whether a URL is https, or http on this machine."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    is_plain = bool(parts.hostname) and not (parts.fragment or parts.username)
    return is_plain and (local or parts.scheme == "https")


def settings_help() -> str:
    """Return the list of environment variables for --help."""
    lines = [
        f"ZAVA_{name.upper():<19} {about.description}"
        + (f" [{about.default}]" if about.default and not about.is_required() else "")
        for name, about in Settings.model_fields.items()
    ]
    return "\b\nEnvironment:\n  " + "\n  ".join(lines)
