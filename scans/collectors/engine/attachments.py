"""What a container was given of its host: mounts, devices, ports."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scans.collectors.engine import fields
from scans.facts import Bind, Device, DeviceRequest, MountPoint, PublishedPort

_PORT = re.compile(r"[0-9]{1,5}")


def mounts(answer: Any, bound: Mapping[str, str]) -> tuple[MountPoint, ...]:
    """``Mounts``, each volume with the host path that it binds. Raises Unexpected."""
    return tuple(_mount(mount, bound) for mount in fields.objects(answer, "Mounts"))


def _mount(mount: fields.Object, bound: Mapping[str, str]) -> MountPoint:
    volume = fields.text(mount, "Name")
    return MountPoint(
        kind=fields.text(mount, "Type", default="bind"),
        source=fields.text(mount, "Source"),
        destination=fields.required_text(mount, "Destination"),
        read_only=not fields.flag(mount, "RW", default=True),
        propagation=fields.text(mount, "Propagation"),
        volume=volume,
        driver=fields.text(mount, "Driver"),
        volume_device=bound.get(volume, ""),
    )


def binds(host: fields.Object) -> tuple[Bind, ...]:
    """``HostConfig.Binds``: ``source:destination[:options]``. Raises Unexpected."""
    return tuple(_bind(text) for text in fields.strings(host, "Binds"))


def _bind(text: str) -> Bind:
    source, separator, rest = text.partition(":")
    if not separator:
        # An anonymous volume has a destination alone.
        return Bind(source="", destination=text)
    destination, _, options = rest.partition(":")
    return Bind(
        source=source,
        destination=destination,
        options=tuple(option for option in options.split(",") if option),
    )


def devices(host: fields.Object) -> tuple[Device, ...]:
    """``HostConfig.Devices``. Raises Unexpected."""
    return tuple(
        Device(
            host_path=fields.text(device, "PathOnHost"),
            container_path=fields.text(device, "PathInContainer"),
            permissions=fields.text(device, "CgroupPermissions"),
        )
        for device in fields.objects(host, "Devices")
    )


def device_requests(host: fields.Object) -> tuple[DeviceRequest, ...]:
    """``HostConfig.DeviceRequests``; capabilities are a list of lists. Raises Unexpected."""
    return tuple(
        DeviceRequest(
            driver=fields.text(request, "Driver"),
            count=fields.integer(request, "Count"),
            device_ids=fields.strings(request, "DeviceIDs"),
            capabilities=fields.unique(
                capability
                for group in fields.items(request, "Capabilities")
                for capability in fields.strings({"Capabilities": group}, "Capabilities")
            ),
        )
        for request in fields.objects(host, "DeviceRequests")
    )


def ports(answer: Any, *, running: bool) -> tuple[PublishedPort, ...]:
    """Ports published on the host. Raises Unexpected.

    A running container's are those that are open; another's those that starting it would open.
    """
    opened = fields.find(answer, "NetworkSettings", "Ports") if running else None
    path = ("NetworkSettings", "Ports") if opened is not None else ("HostConfig", "PortBindings")
    return tuple(_published(fields.mapping(answer, *path)))


def _published(bindings: fields.Object) -> Iterator[PublishedPort]:
    for port, addresses in bindings.items():
        number, _, protocol = port.partition("/")
        for address in fields.objects({port: addresses}, port):
            yield PublishedPort(
                container_port=_port(number),
                protocol=fields.line(protocol) or "tcp",
                host_ip=fields.text(address, "HostIp"),
                host_port=_port(fields.text(address, "HostPort")),
            )


def _port(text: str) -> int:
    """A port, of a range the lowest; 0 where the engine chooses one."""
    if not text:
        return 0
    lowest = text.partition("-")[0]
    if not _PORT.fullmatch(lowest) or int(lowest) > 65535:
        raise fields.Unexpected("a published port is not a port number")
    return int(lowest)
