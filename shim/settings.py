"""What the environment says to server.py. Unknown and misspelt names stop the start."""

from __future__ import annotations

import difflib
import os
from typing import Annotated, Any, Literal

import click
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OTHER_SETTINGS = {"ZAVA_DATA_DIR", "ZAVA_DEMO_ORDERS"}  # read by localdb.py


class Settings(BaseSettings):
    """What the environment says; the variable of a field is ZAVA_ and its name."""

    model_config = SettingsConfigDict(env_prefix="ZAVA_")

    database_url: SecretStr = Field(min_length=1, description="postgresql://user:...@host/name")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on, 0 for any free one")
    api_key: SecretStr | None = Field(None, description="zava_..., whose tools --stdio offers")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [], description="host names that clients use, by commas; needed off the loopback address"
    )
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        [], description="origins of web pages that may call, by commas"
    )
    embedder: Literal["local", "openai", "none"] = Field("local", description="what embeds text")
    embedding_model: str | None = Field(None, description="name of the model")
    embedding_base_url: str | None = Field(None, description="OpenAI-compatible endpoint")
    embedding_api_key: SecretStr | None = Field(None, description="key for that endpoint")
    pool_min: int = Field(2, ge=1, le=1000, description="database connections kept open")
    pool_max: int = Field(10, ge=1, le=1000, description="database connections at most")
    command_timeout: float = Field(30, gt=0, le=3600, description="seconds a tool may take at most")

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value


class Refusal(click.ClickException):
    """The server does not start; the message says why and how to mend it."""

    def __init__(self, message: str, exit_code: Literal[1, 2] = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click documents it as overridable


def load_settings(**options: Any) -> Settings:
    """Read the environment; an option that is not None goes before it. Raises Refusal."""
    known = {f"ZAVA_{name.upper()}" for name in Settings.model_fields} | OTHER_SETTINGS
    for name in sorted(name for name in os.environ if name.upper().startswith("ZAVA_")):
        if name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1) or sorted(known)
            raise Refusal(f"{name} is not a setting, did you mean {' or '.join(near)}?")
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        problems = [f"ZAVA_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise Refusal("\n".join(problems)) from None
    if settings.pool_min > settings.pool_max:
        raise Refusal(
            f"ZAVA_POOL_MIN={settings.pool_min} is over ZAVA_POOL_MAX={settings.pool_max}"
        )
    return settings


def settings_help() -> str:
    """List the environment variables, for --help."""
    lines = [
        f"ZAVA_{name.upper():<19} {about.description}"
        + (f" [{about.default}]" if about.default and not about.is_required() else "")
        for name, about in Settings.model_fields.items()
    ]
    return "\b\nEnvironment:\n  " + "\n  ".join(lines)
