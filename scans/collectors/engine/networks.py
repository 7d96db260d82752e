"""``GET /networks`` → :class:`Network`."""

from typing import Any

from scans.collectors.engine import fields
from scans.collectors.engine.secrets import redacted_map
from scans.facts import Network


def read_network(answer: Any) -> Network:
    """One network of the list. Raises Unexpected."""
    return Network(
        name=fields.required_text(answer, "Name"),
        id=fields.required_text(answer, "Id"),
        driver=fields.text(answer, "Driver"),
        scope=fields.text(answer, "Scope"),
        internal=fields.flag(answer, "Internal"),
        ingress=fields.flag(answer, "Ingress"),
        attachable=fields.flag(answer, "Attachable"),
        ipv6=fields.flag(answer, "EnableIPv6"),
        options=redacted_map(answer, "Options"),
        labels=redacted_map(answer, "Labels"),
        subnets=tuple(
            fields.text(subnet, "Subnet") for subnet in fields.objects(answer, "IPAM", "Config")
        ),
    )
