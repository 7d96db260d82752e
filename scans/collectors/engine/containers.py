"""``GET /containers/{id}/json`` → :class:`Container`, without what the host's probe adds."""

import re
from collections.abc import Mapping
from typing import Any

from hosts.connections.redact import redact_text
from scans.collectors.engine import fields
from scans.collectors.engine.attachments import binds, device_requests, devices, mounts, ports
from scans.collectors.engine.limits import resources, restart_policy
from scans.collectors.engine.secrets import (
    env_names,
    redacted_command,
    redacted_map,
    secrets_in_env,
)
from scans.collectors.seccomp_profile import read_profile
from scans.facts import Container, Health, NamespaceModes

SERVICE_LABEL = "com.docker.swarm.service.name"
RUNNING = ("running", "paused", "restarting")

_ID = re.compile(r"[0-9a-f]{64}")
# Engines keep a profile's whole JSON where a path was given.
_INLINE_PROFILE = re.compile(r"(seccomp[=:])\s*\{.*", re.DOTALL)


def is_id(value: str) -> bool:
    """Whether this is a container's full id."""
    return _ID.fullmatch(value) is not None


def read_container(answer: Any, bound: Mapping[str, str]) -> Container:
    """A container as inspected. Raises Unexpected.

    ``bound`` maps a volume's name to the host path that it binds (see ``volumes.bound_paths``).
    """
    config = fields.required_mapping(answer, "Config")
    host = fields.required_mapping(answer, "HostConfig")
    state = fields.required_text(answer, "State", "Status")
    labels = redacted_map(config, "Labels")
    return Container(
        id=_id(answer),
        name=fields.required_text(answer, "Name").removeprefix("/"),
        image=fields.text(config, "Image"),
        image_id=fields.text(answer, "Image"),
        created_at=fields.moment(answer, "Created"),
        state=state,
        pid=fields.integer(answer, "State", "Pid"),
        restart_count=fields.integer(answer, "RestartCount"),
        runtime=fields.text(host, "Runtime"),
        platform=fields.text(answer, "Platform"),
        labels=labels,
        user=fields.text(config, "User"),
        env_names=env_names(config, "Env"),
        secret_names=secrets_in_env(config, "Env"),
        command=_command(answer, config),
        privileged=fields.required_flag(host, "Privileged"),
        cap_add=capabilities(host, "CapAdd"),
        cap_drop=capabilities(host, "CapDrop"),
        security_options=_security_options(host),
        seccomp_profile=_seccomp_profile(host),
        apparmor_profile=fields.text(answer, "AppArmorProfile"),
        process_label=fields.text(answer, "ProcessLabel"),
        mount_label=fields.text(answer, "MountLabel"),
        devices=devices(host),
        device_requests=device_requests(host),
        device_cgroup_rules=fields.strings(host, "DeviceCgroupRules"),
        mounts=mounts(answer, bound),
        binds=binds(host),
        tmpfs=redacted_map(host, "Tmpfs"),
        volumes_from=fields.strings(host, "VolumesFrom"),
        masked_paths=fields.optional_strings(host, "MaskedPaths"),
        readonly_paths=fields.optional_strings(host, "ReadonlyPaths"),
        namespaces=_namespaces(host),
        networks=fields.names(answer, "NetworkSettings", "Networks"),
        ports=ports(answer, running=state in RUNNING),
        exposed_ports=fields.names(config, "ExposedPorts"),
        publish_all=fields.flag(host, "PublishAllPorts"),
        resources=resources(host),
        restart=restart_policy(host),
        read_only_rootfs=fields.flag(host, "ReadonlyRootfs"),
        log_driver=fields.text(host, "LogConfig", "Type"),
        log_options=redacted_map(host, "LogConfig", "Config"),
        health=_health(answer, config),
        sysctls=fields.texts_by_name(host, "Sysctls"),
        init=fields.flag(host, "Init"),
        auto_remove=fields.flag(host, "AutoRemove"),
        swarm_service=fields.text(config, "Labels", SERVICE_LABEL),
    )


def _id(answer: Any) -> str:
    found = fields.required_text(answer, "Id")
    if not is_id(found):
        raise fields.Unexpected("Id is not a container's id")
    return found


def _command(answer: Any, config: fields.Object) -> tuple[str, ...]:
    """What was started: entry point and arguments together."""
    path = fields.text(answer, "Path")
    if path:
        return redacted_command([path, *fields.raw_strings(answer, "Args")])
    entrypoint = fields.raw_strings(config, "Entrypoint")
    return redacted_command([*entrypoint, *fields.raw_strings(config, "Cmd")])


def capabilities(host: fields.Object, key: str) -> tuple[str, ...]:
    """Names in upper case without ``CAP_``, as ``CapAdd`` and ``CapDrop`` list them."""
    found = (name.strip().upper().removeprefix("CAP_") for name in fields.strings(host, key))
    return fields.unique(found)


def _security_options(host: fields.Object) -> tuple[str, ...]:
    found = (
        _INLINE_PROFILE.sub(r"\1<inline profile>", option)
        for option in fields.raw_strings(host, "SecurityOpt")
    )
    return tuple(fields.block(redact_text(option)) for option in found)


def _seccomp_profile(host: fields.Object) -> Mapping[str, Any] | None:
    """What its own profile lets through; None without one, or for a name or path."""
    found = None
    for option in fields.raw_strings(host, "SecurityOpt"):
        key, _, text = option.partition("=" if "=" in option.partition("{")[0] else ":")
        if key.strip().lower() == "seccomp":
            found = read_profile(text)
    return found


def _namespaces(host: fields.Object) -> NamespaceModes:
    return NamespaceModes(
        network=fields.text(host, "NetworkMode"),
        pid=fields.text(host, "PidMode"),
        ipc=fields.text(host, "IpcMode"),
        uts=fields.text(host, "UTSMode"),
        user=fields.text(host, "UsernsMode"),
        cgroup=fields.text(host, "CgroupnsMode"),
    )


def _health(answer: Any, config: fields.Object) -> Health:
    test = fields.raw_strings(config, "Healthcheck", "Test")
    status = fields.text(answer, "State", "Health", "Status")
    return Health(
        configured=bool(test) and test[0] != "NONE",
        test=redacted_command(test),
        status="" if status == "none" else status,
    )
