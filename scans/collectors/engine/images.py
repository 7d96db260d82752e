"""``GET /images/{id}/json`` and ``GET /images/{id}/history`` → :class:`Image`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hosts.connections.redact import redact_build_step, redact_json, redact_text
from scans.collectors.engine import fields
from scans.collectors.engine.secrets import (
    env_names,
    redacted_command,
    redacted_map,
    secrets_in_command,
    secrets_in_env,
)
from scans.facts import HistoryEntry, Image

# What old engines write in the place of a tag or digest that an image doesn't have.
_NONE = "<none>"


def read_image(answer: Any) -> Image:
    """An image as inspected, without its history. Raises Unexpected."""
    config = fields.mapping(answer, "Config")
    return Image(
        id=fields.required_text(answer, "Id"),
        tags=named(fields.strings(answer, "RepoTags")),
        digests=named(fields.strings(answer, "RepoDigests")),
        created_at=fields.moment(answer, "Created"),
        size=fields.integer(answer, "Size"),
        architecture=fields.text(answer, "Architecture"),
        user=fields.text(config, "User"),
        env_names=env_names(config, "Env"),
        secret_names=secrets_in_env(config, "Env"),
        exposed_ports=fields.names(config, "ExposedPorts"),
        labels=redacted_map(config, "Labels"),
        healthcheck=redacted_command(fields.raw_strings(config, "Healthcheck", "Test")) or None,
        entrypoint=redacted_command(fields.raw_strings(config, "Entrypoint")),
        command=redacted_command(fields.raw_strings(config, "Cmd")),
        volumes=fields.names(config, "Volumes"),
        on_build=tuple(_step(text) for text in fields.raw_strings(config, "OnBuild")),
        identity=_identity(answer),
    )


def with_history(image: Image, answer: Any) -> Image:
    """The image with its steps, the newest first, redacted. Raises Unexpected."""
    steps = fields.objects({"history": answer}, "history")
    commands = [fields.raw_string(step, "CreatedBy") for step in steps]
    return replace(
        image,
        history=tuple(
            HistoryEntry(
                created_by=_step(command),
                created_at=fields.moment(step, "Created"),
                comment=fields.block(redact_text(fields.raw_string(step, "Comment"))),
                size=fields.integer(step, "Size"),
                tags=named(fields.strings(step, "Tags")),
            )
            for step, command in zip(steps, commands, strict=True)
        ),
        history_secrets=fields.unique(
            name for command in commands for name in secrets_in_command(command)
        ),
    )


def named(values: Iterable[str]) -> tuple[str, ...]:
    """Tags or digests without those that say that there is none."""
    return tuple(value for value in values if not value.startswith(_NONE))


def _step(command: str) -> str:
    return fields.block(redact_build_step(command))


def _identity(answer: Any) -> Mapping[str, Any] | None:
    """Where the image came from and who signed it, on engines that say so (API 1.53)."""
    return redact_json(fields.tree(answer, "Identity")) or None
