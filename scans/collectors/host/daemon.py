"""How the engine's daemon is configured: every layer with its source, and what they set."""

import json
from collections.abc import Iterator, Mapping
from posixpath import dirname
from typing import Any

from hosts.connections.redact import redact_argv, redact_json, redact_text
from scans.collectors.frames import Section
from scans.collectors.host import units
from scans.collectors.host.certificates import parse_certificates
from scans.collectors.host.daemon_process import Daemon, choose, parse_daemons
from scans.collectors.host.daemon_profiles import containerd_config, seccomp_profile
from scans.collectors.host.text import text, visible
from scans.facts import ConfigSource, DaemonConfig, Setting
from scans.facts.daemon import Layer

DAEMON_JSON = "/etc/docker/daemon.json"
_LONGEST_TEXT = 20_000
_SERVICE, _SOCKET = "docker.service", "docker.socket"


def parse_daemon(
    section: Section, versions: Mapping[str, str], engine_socket: str | None
) -> DaemonConfig:
    """The ``daemon`` section. ``versions`` are those of the binaries."""
    daemon = choose(parse_daemons(section), engine_socket)
    files = {path: text(data) for path, data in section.starting("file")}
    layers = [*_running(daemon), *_daemon_json(daemon, files, section), *_next_start(files)]
    settings = tuple(setting for _, settings in layers for setting in settings)
    named = {str(setting.value) for setting in settings if setting.key in ("tlscacert", "tlscert")}
    return DaemonConfig(
        running=daemon is not None,
        pid=daemon.pid if daemon else None,
        argv=tuple(visible(word) for word in redact_argv(daemon.argv)) if daemon else (),
        uid=daemon.uid if daemon else None,
        sources=tuple(source for source, _ in layers if source is not None),
        settings=settings,
        certificates=parse_certificates(section, named),
        versions=versions,
        listen_streams=_listen_streams(files),
        containerd_config=containerd_config(files.get("/etc/containerd/config.toml")),
        seccomp_profile=seccomp_profile(settings, files),
    )


_Part = tuple[ConfigSource | None, list[Setting]]
"""A source and the settings it makes; settings of expanded variables have no source of their own
here, for their file is one already."""


def config_path(daemon: Daemon | None, files: Mapping[str, str]) -> str:
    """The daemon.json that a daemon reads: as told, a rootless one's own, or the usual one."""
    told = daemon.flags.get("config-file") if daemon else None
    if isinstance(told, str):
        return told
    if daemon is not None and daemon.uid:
        for path in files:
            if path.endswith("/.config/docker/daemon.json"):
                return path
    return DAEMON_JSON


def _running(daemon: Daemon | None) -> Iterator[_Part]:
    if daemon is None:
        return
    path = f"/proc/{daemon.pid}/cmdline"
    command = visible(" ".join(redact_argv(daemon.argv)))
    yield _source("argv", path, command), _settings(daemon.flags, "argv", path)


def _daemon_json(
    daemon: Daemon | None, files: Mapping[str, str], section: Section
) -> Iterator[_Part]:
    path = config_path(daemon, files)
    if section.find(f"unreadable {path}") is not None:
        yield _source("daemon.json", path, "", "it may not be read"), []
    content = files.get(path)
    if content is None:
        return
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        yield _source("daemon.json", path, content, f"no JSON: {visible(str(error))}"), []
        return
    if not isinstance(parsed, dict):
        yield _source("daemon.json", path, content, "no JSON object"), []
        return
    yield _source("daemon.json", path, content), _settings(parsed, "daemon.json", path)


def _next_start(files: Mapping[str, str]) -> Iterator[_Part]:
    """What only counts at the next start: the unit's command, with its environment."""
    variables, origins = _environment(files)
    for path, layer in _unit_layers(files):
        yield _source(layer, path, files[path]), []
    for path in _environment_files(files):
        yield _source("environment", path, files[path]), []
    starts = units.assignments(_SERVICE, files, "Service", "ExecStart")
    if not starts:
        return
    words = units.expand(units.command(starts[-1].value)[1:], variables)
    by_layer: dict[tuple[Layer, str], list[str]] = {}
    path = starts[-1].path
    place = (_layer(path), path)
    for word, variable in words:
        origin: tuple[Layer, str] = origins.get(variable or "", place)
        by_layer.setdefault(origin, []).append(word)
    for (layer, source), arguments in by_layer.items():
        flags = Daemon(0, ("dockerd", *arguments), None).flags
        yield None, _settings(flags, layer, source)


def _unit_layers(files: Mapping[str, str]) -> Iterator[tuple[str, Layer]]:
    for path in units.effective_files(_SERVICE, files):
        yield path, _layer(path)
    for path in units.effective_files(_SOCKET, files):
        yield path, "socket"


def _layer(path: str) -> Layer:
    return "drop-in" if dirname(path).endswith(".d") else "unit"


def _environment_files(files: Mapping[str, str]) -> list[str]:
    named = units.assignments(_SERVICE, files, "Service", "EnvironmentFile")
    usual = ("/etc/default/docker", "/etc/sysconfig/docker")
    paths = dict.fromkeys([*(found.value.lstrip("-") for found in named), *usual])
    return [path for path in paths if path in files]


def _environment(
    files: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, tuple[Layer, str]]]:
    """Variables for the unit's command, and the layer and file that set each."""
    lines = units.assignments(_SERVICE, files, "Service", "Environment")
    variables = units.environment(lines)
    origins: dict[str, tuple[Layer, str]] = {}
    for line in lines:
        for name in units.environment([line]):
            origins[name] = (_layer(line.path), line.path)
    named = units.assignments(_SERVICE, files, "Service", "EnvironmentFile")
    for found in named:
        path = found.value.lstrip("-")
        for name, value in units.environment_file(files.get(path, "")).items():
            variables[name] = value
            origins[name] = ("environment", path)
    return variables, origins


def _listen_streams(files: Mapping[str, str]) -> tuple[Setting, ...]:
    found = units.assignments(_SOCKET, files, "Socket", "ListenStream")
    return tuple(
        Setting(
            key="ListenStream",
            value=visible(stream.value.replace("%t", "/run")),
            layer="drop-in" if _layer(stream.path) == "drop-in" else "socket",
            source=visible(stream.path),
        )
        for stream in found
    )


def _settings(found: Mapping[str, Any], layer: Layer, source: str) -> list[Setting]:
    redacted: dict[str, Any] = redact_json(dict(found))
    return [
        Setting(key=visible(str(key)), value=value, layer=layer, source=visible(source))
        for key, value in redacted.items()
    ]


def _source(layer: Layer, path: str, content: str, problem: str | None = None) -> ConfigSource:
    shown = redact_text(content[:_LONGEST_TEXT])
    return ConfigSource(layer=layer, path=visible(path), text=shown, problem=problem)
