"""Images, networks and volumes of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One step of an image's history, redacted."""

    created_by: str
    created_at: datetime | None = None
    comment: str = ""
    size: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """``GET /images/{id}/json`` and its history."""

    id: str
    """``sha256:…``."""
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    """``RepoDigests``; empty for an image that no registry has ever delivered."""
    created_at: datetime | None = None
    size: int = 0
    architecture: str = ""
    user: str = ""
    env_names: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()
    """Environment variables that look like secrets and have a value."""
    exposed_ports: tuple[str, ...] = ()
    labels: Mapping[str, str]
    healthcheck: tuple[str, ...] | None = None
    """``Config.Healthcheck.Test``; None when there is none (``NONE`` counts as one)."""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    on_build: tuple[str, ...] = ()
    history: tuple[HistoryEntry, ...] | None = None
    history_secrets: tuple[str, ...] = ()
    """Names (never values) of what looks like a secret in the history's commands."""
    identity: Mapping[str, Any] | None = None
    """Trust identity from engines that report it (API 1.53 and later)."""

    @property
    def name(self) -> str:
        """First tag, or the short id."""
        return self.tags[0] if self.tags else self.id.removeprefix("sha256:")[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """``GET /networks``."""

    name: str
    id: str
    driver: str
    scope: str
    internal: bool = False
    ingress: bool = False
    attachable: bool = False
    ipv6: bool = False
    options: Mapping[str, str]
    labels: Mapping[str, str]
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """``GET /volumes``."""

    name: str
    driver: str
    mountpoint: str = ""
    options: Mapping[str, str]
    """Driver options, redacted: ``device=/etc``, ``o=bind`` make a volume a bind mount."""
    labels: Mapping[str, str]
