"""``GET /version`` and ``GET /info`` → :class:`Engine`."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from hosts.connections.redact import redact_text
from scans.collectors.engine import fields
from scans.facts import Engine, Plugin

_PODMAN = "Podman Engine"
_ROOTLESS = "name=rootless"
_USERNS = "name=userns"


def read_engine(version: Any, info: Any, plugins: tuple[Plugin, ...] | None) -> Engine:
    """The engine as it describes itself. Raises Unexpected."""
    components = _components(version)
    options = fields.strings(info, "SecurityOptions")
    return Engine(
        name="podman" if is_podman(version) else "docker",
        version=fields.required_text(version, "Version"),
        api_version=fields.required_text(version, "ApiVersion"),
        min_api_version=fields.text(version, "MinAPIVersion") or None,
        components=components,
        platform=fields.text(version, "Platform", "Name"),
        os=fields.text(version, "Os", default="linux"),
        kernel=fields.text(info, "KernelVersion"),
        root_dir=fields.required_text(info, "DockerRootDir"),
        storage_driver=fields.text(info, "Driver"),
        logging_driver=fields.text(info, "LoggingDriver"),
        cgroup_driver=fields.text(info, "CgroupDriver"),
        cgroup_version=fields.text(info, "CgroupVersion"),
        security_options=options,
        default_runtime=fields.text(info, "DefaultRuntime"),
        runtimes=tuple(sorted(fields.names(info, "Runtimes"))),
        live_restore=fields.flag(info, "LiveRestoreEnabled"),
        experimental=fields.flag(info, "ExperimentalBuild"),
        rootless=_names(options, _ROOTLESS) or fields.flag(info, "Rootless"),
        userns_remap=_names(options, _USERNS),
        ipv4_forwarding=fields.optional_flag(info, "IPv4Forwarding"),
        bridge_nf_iptables=fields.optional_flag(info, "BridgeNfIptables"),
        registry_mirrors=_mirrors(info),
        insecure_registries=_insecure_registries(info),
        default_address_pools=fields.unique(_pools(info)),
        firewall_backend=fields.text(info, "FirewallBackend", "Driver") or None,
        warnings=tuple(redact_text(warning) for warning in fields.strings(info, "Warnings")),
        swarm_state=fields.text(info, "Swarm", "LocalNodeState") or "inactive",
        swarm_manager=fields.flag(info, "Swarm", "ControlAvailable"),
        plugins=plugins,
        labels=tuple(redact_text(label) for label in fields.strings(info, "Labels")),
    )


def is_podman(version: Any) -> bool:
    """Whether ``GET /version`` comes from Podman's compatible API. Raises Unexpected."""
    return _PODMAN in _components(version)


def _components(version: Any) -> dict[str, str]:
    """Component → version; the runtime's name is what the daemon's configuration calls it."""
    return {
        fields.required_text(component, "Name"): _version(fields.raw_string(component, "Version"))
        for component in fields.objects(version, "Components")
    }


def _version(text: str) -> str:
    """The version alone: Podman gives the lines of ``crun --version``."""
    first = text.partition("\n")[0].strip()
    _, says, rest = first.partition(" version ")
    return fields.line(rest.partition(",")[0] if says else first)[:200]


def _names(options: tuple[str, ...], name: str) -> bool:
    return any(option == name or option.startswith(f"{name},") for option in options)


def _mirrors(info: Any) -> tuple[str, ...]:
    config = fields.mapping(info, "RegistryConfig")
    found = list(fields.strings(config, "Mirrors"))
    for index in fields.mapping(config, "IndexConfigs").values():
        found += fields.strings(index, "Mirrors")
    return fields.unique(redact_text(mirror) for mirror in found)


def _insecure_registries(info: Any) -> tuple[str, ...]:
    config = fields.mapping(info, "RegistryConfig")
    return fields.unique(
        [
            *(cidr for cidr in fields.strings(config, "InsecureRegistryCIDRs") if not _local(cidr)),
            *_insecure_indexes(config),
        ]
    )


def _insecure_indexes(config: fields.Object) -> Iterator[str]:
    """Registries by name. Without ``Secure`` nothing says that one is."""
    for name, index in fields.mapping(config, "IndexConfigs").items():
        if not fields.flag(index, "Secure"):
            yield fields.line(name)


def _local(cidr: str) -> bool:
    """Whether a range is the loopback, which every engine trusts without being told."""
    try:
        return ipaddress.ip_network(cidr, strict=False).is_loopback
    except ValueError:
        return False


def _pools(info: Any) -> Iterator[str]:
    for pool in fields.objects(info, "DefaultAddressPools"):
        yield f"{fields.text(pool, 'Base')} size {fields.integer(pool, 'Size')}"
