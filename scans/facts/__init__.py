"""Facts: everything read from one host at one time, typed and immutable.

Collectors build them, checks judge them, snapshots store them. The package imports
the standard library alone, so that facts can be made, compared and judged anywhere.

Three rules hold for every type here:

* A part that could not be read is ``None`` and has a :class:`Gap` that says why;
  an empty tuple means "read, and there is none".
* Sizes are bytes, durations seconds, modes the permission bits of ``st_mode``
  (``0o7777``), times aware ``datetime`` values in UTC.
* No secret ever gets here: collectors redact before they build.
"""

from scans.facts.containers import (
    Bind,
    Container,
    Device,
    DeviceRequest,
    Health,
    MountPoint,
    NamespaceModes,
    ProcessState,
    PublishedPort,
    Resources,
    RestartPolicy,
    TopProcess,
    Ulimit,
)
from scans.facts.daemon import ConfigSource, DaemonConfig, Setting, TlsCertificate
from scans.facts.engine import Engine, Plugin, Service, Swarm
from scans.facts.host import (
    Account,
    AuditRule,
    AuditRules,
    Clock,
    FileStat,
    Firewall,
    Group,
    HostProcess,
    Kernel,
    Listener,
    Lsm,
    Mount,
    SubidRange,
    System,
    Updates,
)
from scans.facts.images import HistoryEntry, Image, Network, Volume
from scans.facts.root import SCHEMA, Access, Facts, Gap
from scans.facts.suid import PrivilegedFile, SuidInventory

__all__ = [
    "SCHEMA",
    "Access",
    "Account",
    "AuditRule",
    "AuditRules",
    "Bind",
    "Clock",
    "ConfigSource",
    "Container",
    "DaemonConfig",
    "Device",
    "DeviceRequest",
    "Engine",
    "Facts",
    "FileStat",
    "Firewall",
    "Gap",
    "Group",
    "Health",
    "HistoryEntry",
    "HostProcess",
    "Image",
    "Kernel",
    "Listener",
    "Lsm",
    "Mount",
    "MountPoint",
    "NamespaceModes",
    "Network",
    "Plugin",
    "PrivilegedFile",
    "ProcessState",
    "PublishedPort",
    "Resources",
    "RestartPolicy",
    "Service",
    "Setting",
    "SubidRange",
    "SuidInventory",
    "Swarm",
    "System",
    "TlsCertificate",
    "TopProcess",
    "Ulimit",
    "Updates",
    "Volume",
]
