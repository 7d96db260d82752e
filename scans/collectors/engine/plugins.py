"""``GET /plugins`` and the plugins that ``GET /info`` names → :class:`Plugin`."""

from collections.abc import Iterator
from typing import Any

from scans.collectors.engine import fields
from scans.facts import Plugin

_KINDS = {
    "authz": "authorization",
    "volumedriver": "volume",
    "networkdriver": "network",
    "ipamdriver": "network",
    "logdriver": "log",
    "metricscollector": "metrics",
}
# `info` lists drivers that are part of the engine beside plugins: these are no plugins.
_BUILT_IN = {
    "Authorization": frozenset[str](),
    "Volume": frozenset({"local", "image"}),
    "Network": frozenset(
        {"bridge", "host", "ipvlan", "macvlan", "null", "none", "overlay"},
    ),
    "Log": frozenset(
        {
            "awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "k8s-file", "local",
            "logentries", "none", "passthrough", "passthrough-tty", "splunk", "syslog",
        }
    ),
}  # fmt: skip


def read_plugins(managed: Any, info: Any) -> tuple[Plugin, ...]:
    """Managed plugins, then legacy ones that the engine has in use. Raises Unexpected."""
    found = tuple(
        Plugin(
            name=fields.required_text(plugin, "Name"),
            kind=_kind(plugin),
            enabled=fields.flag(plugin, "Enabled"),
        )
        for plugin in fields.objects({"Plugins": managed}, "Plugins")
    )
    known = {_untagged(plugin.name) for plugin in found}
    return (*found, *(plugin for plugin in _legacy(info) if _untagged(plugin.name) not in known))


def _legacy(info: Any) -> Iterator[Plugin]:
    for group, built_in in _BUILT_IN.items():
        for name in fields.strings(info, "Plugins", group):
            if name not in built_in:
                yield Plugin(name=name, kind=group.lower(), enabled=True, managed=False)


def _kind(plugin: fields.Object) -> str:
    """The kind by its interface: ``docker.authz/1.0``, or the same as an object."""
    for interface in fields.items(plugin, "Config", "Interface", "Types"):
        if isinstance(interface, str):
            capability = interface.partition("/")[0].rpartition(".")[2]
        else:
            capability = fields.text(interface, "Capability")
        if capability in _KINDS:
            return _KINDS[capability]
    return "other"


def _untagged(name: str) -> str:
    return name.removesuffix(":latest")
