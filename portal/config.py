"""Settings from PORTAL_* variables, checked at start."""

import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

from portal.language_packs import read_packs

SEALING_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
SHORTEST_KEY = 32  # characters; a key of 16 random bytes in hexadecimal


class Settings(BaseSettings):
    """Every setting of the portal; each is read from the variable PORTAL_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses unsafe values of the settings below"
    )
    database_url: str = Field(
        "sqlite:///instance/portal.db",
        description="SQLite file (relative to the working directory) or postgresql:// address",
    )
    secret_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="signing keys, comma-separated, newest first; the first signs, the others "
        "are still accepted (keep an old one for 8 days). In development one is made and kept "
        "beside the database",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="address printed in QR codes, such as https://loket.kota.go.id; "
        "mandatory in production",
    )
    clock_offset: float = Field(
        0, description="seconds by which the portal's clock is moved, for trials only"
    )
    proxy_hops: int = Field(
        0, ge=0, le=5, description="trusted reverse proxies in front of the portal"
    )
    redis_url: SecretStr | None = Field(
        None, description="where rate limits are counted with more than one web process"
    )
    threads: int = Field(8, ge=1, le=64, description="threads of one web process")
    workers: int = Field(1, ge=1, le=64, description="web processes; more than 1 wants Redis")
    mail_backend: Literal["file", "smtp"] = Field(
        "file", description="file: messages are written to mail_directory; smtp: really sent"
    )
    mail_directory: Path = Field(Path("instance/mail"), description="used by the file backend")
    mail_sender: str = Field("Suara Loket <portal@localhost>", description="From: of every mail")
    smtp_host: str = Field("localhost", description="mail server")
    smtp_port: int = Field(25, ge=1, le=65535, description="its port")
    smtp_starttls: bool = Field(False, description="encrypt the connection to the mail server")
    smtp_user: str | None = Field(None, description="user name at the mail server")
    smtp_password: SecretStr | None = Field(None, description="password at the mail server")
    whatsapp_gateway: str | None = Field(
        None,
        description="https address of a gateway that sends WhatsApp messages: it gets JSON with "
        "to, text and reference. Without one, citizens are asked for an e-mail address only",
    )
    whatsapp_token: SecretStr | None = Field(None, description="bearer token for that gateway")
    webhook_url: str | None = Field(
        None,
        description="https address of the agency's own system that is told what happens: signed "
        "JSON with kind and link, nothing personal; redirects are not followed",
    )
    webhook_secret: SecretStr | None = Field(
        None, description="key of the signatures (HMAC-SHA256) on what goes to webhook_url"
    )
    contact_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="keys that seal the addresses citizens leave to hear of an answer, "
        "comma-separated, newest first (keep an old one for 120 days); each 32 random bytes in "
        "URL-safe base64. Without one, production asks for no address",
    )
    attachment_count: int = Field(
        3, ge=0, le=10, description="files that may come with one reply or objection; 0: none"
    )
    attachment_megabytes: int = Field(
        4, ge=1, le=20, description="MiB of one such file; the proxy must let them all through"
    )
    scan_command: str | None = Field(
        None,
        description="virus scanner for such files, run without a shell: it gets the file on its "
        "standard input, and only exit status 0 lets it pass (clamdscan --no-summary -)",
    )
    metrics_token: SecretStr | None = Field(
        None, description="bearer token for /metrics; without one only metrics_allowed may read"
    )
    metrics_allowed: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["127.0.0.1", "::1"],
        description="addresses that may read /metrics, comma-separated",
    )
    log_format: Literal["console", "json"] = Field("console", description="json for machines")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least severe message that is logged"
    )
    language_packs: Path | None = Field(
        None, description="folder of languages added for citizens' pages: docs/languages.md"
    )
    least_free_disk: int = Field(
        200, ge=0, description="MiB of free disk below which /readyz reports trouble"
    )

    @field_validator("secret_keys", "contact_keys", "metrics_allowed", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("language_packs")
    @classmethod
    def _sound_packs(cls, value: Path | None) -> Path | None:
        read_packs(value)
        return value

    @field_validator("contact_keys")
    @classmethod
    def _keys_of_32_bytes(cls, value: list[SecretStr]) -> list[SecretStr]:
        if not all(SEALING_KEY.fullmatch(key.get_secret_value()) for key in value):
            raise ValueError("each must be 32 random bytes in URL-safe base64 (44 characters)")
        return value

    @field_validator("whatsapp_gateway", "webhook_url")
    @classmethod
    def _on_the_web(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://localhost:")):
            raise ValueError("must begin with https://, as messages go there")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in {"http", "https"} or not parts.netloc or extra:
            raise ValueError("must be an address such as https://loket.kota.go.id, without a path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _signed_webhook(self) -> "Settings":
        key = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if self.webhook_url and len(key) < SHORTEST_KEY:
            raise ValueError(
                f"PORTAL_WEBHOOK_URL needs PORTAL_WEBHOOK_SECRET of {SHORTEST_KEY} characters"
            )
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> "Settings":
        if self.environment == "production":
            problems = self._production_problems()
            if problems:
                raise ValueError("; ".join(problems))
        return self

    def _production_problems(self) -> list[str]:
        keys = [key.get_secret_value() for key in self.secret_keys]
        checks = {
            "PORTAL_SECRET_KEYS must hold at least one key": not keys,
            f"each of PORTAL_SECRET_KEYS needs {SHORTEST_KEY} characters or more": any(
                len(key) < SHORTEST_KEY for key in keys
            ),
            "PORTAL_PUBLIC_URL must be set": "public_url" not in self.model_fields_set,
            "PORTAL_PUBLIC_URL must begin with https://": not self.public_url.startswith(
                "https://"
            ),
            "PORTAL_CLOCK_OFFSET is for trials only": self.clock_offset != 0,
            "PORTAL_MAIL_BACKEND must be smtp": self.mail_backend != "smtp",
            "more than one worker needs PORTAL_REDIS_URL": self.workers > 1
            and self.redis_url is None,
        }
        return [problem for problem, present in checks.items() if present]

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @cached_property
    def sqlalchemy_url(self) -> URL:
        """The database address with its driver; an SQLite path made absolute."""
        url = make_url(self.database_url)
        if url.drivername in {"postgres", "postgresql"}:
            return url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
            return url.set(database=str(Path(str(url.database)).resolve()))
        return url

    @cached_property
    def signing_keys(self) -> list[str]:
        """All accepted keys, oldest first (the order itsdangerous wants: the last one signs)."""
        keys = [key.get_secret_value() for key in self.secret_keys]
        return list(reversed(keys)) if keys else [self._development_key()]

    def _development_key(self) -> str:
        database = self.sqlalchemy_url.database
        on_disk = database not in {None, "", ":memory:"}
        if self.sqlalchemy_url.get_backend_name() == "sqlite" and on_disk:
            path = Path(str(database)).with_suffix(".key")
        else:
            path = Path("instance/portal.key").resolve()
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), encoding="ascii")
        return path.read_text(encoding="ascii")
