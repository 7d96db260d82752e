"""What an organisation decides for itself, as values; ``scans/policy.py`` reads them from TOML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from scans.checks.core.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePolicy:
    """``[images]``: where images may come from, and how old they may be."""

    trusted_registries: tuple[str, ...] | None = None
    """Host names, with a port or a path where that matters (``registry.example/team``); a registry
    is trusted with everything below. None: not decided, so origin is not judged."""
    max_age_days: int = 180
    """An image in use that is older is to be built or pulled again."""
    max_unused: int = 10
    """Tagged images without any container that a host may keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPolicy:
    """``[containers]``: what containers may have beyond the defaults."""

    allowed_capabilities: tuple[str, ...] = ()
    """Without ``CAP_``: not counted as dangerous or superfluous."""
    allowed_devices: tuple[str, ...] = ()
    """Paths on the host; ``*`` stands for any characters: ``/dev/dri/*``."""
    allowed_ports: tuple[int, ...] | None = None
    """Host ports that may be published. None: not decided, so 5.9 is attested by a person."""
    tenant_label: str = ""
    """Label whose value names a container's tenant; empty: hosts are not shared by tenants."""
    untrusted_label: str = ""
    """Label of workloads that need a sandboxed runtime; empty: not decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPolicy:
    """``[host]``: what a container host may be and run."""

    trusted_docker_users: tuple[str, ...] = ()
    """Members of the docker group who are meant to be root-equivalent."""
    dedicated: bool = True
    """Whether a container host runs nothing else."""
    allowed_services: tuple[str, ...] = ()
    """Names of further processes that may run on a dedicated host."""
    reviewed_suid: tuple[str, ...] = ()
    """Paths of SUID, SGID and capability files that were reviewed and may stay unowned."""
    allowed_modules: tuple[str, ...] = ()
    """Kernel modules that are needed here, though hosts of containers rarely need them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """``[audits]``: periods and ages, in days."""

    period_days: int = 7
    """At least one complete audit in that time."""
    min_coverage: float = 0.8
    """Share of decided checks that makes an audit count as complete."""
    max_open_days: Mapping[str, int] = field(
        default_factory=lambda: {"critical": 7, "high": 30, "medium": 90, "low": 365}
    )
    """Severity → how long a finding may stay open."""
    kernel_max_age_days: int = 365
    """A kernel that was built earlier lacks too many fixes."""
    package_lists_max_age_days: int = 7
    """Older package lists don't tell which updates are missing."""
    certificate_min_days: int = 30
    """TLS certificates of the daemon are to be valid for so long at least."""
    advisories_max_age_days: int = 90
    """Older advisories don't tell which vulnerabilities are known."""
    clock_max_offset_seconds: int = 60
    """By which a host's clock may be ahead of the auditor's, or behind it."""
    waiver_notice_days: int = 14
    """How long before its end a waiver or attestation is to be renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that an organisation decided; the defaults hold where it did not."""

    name: str = "default"
    """Shown with results, so that one knows what they were judged by."""
    images: ImagePolicy = ImagePolicy()
    containers: ContainerPolicy = ContainerPolicy()
    host: HostPolicy = HostPolicy()
    audits: AuditPolicy = AuditPolicy()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Check id → severity instead of its own."""
    off: Mapping[str, str] = field(default_factory=dict)
    """Check id → why it is switched off."""


DEFAULT = Policy()
"""What holds where an organisation decided nothing."""


def allows_device(policy: Policy, path: str) -> bool:
    """Whether the policy allows containers a device of the host."""
    return any(fnmatchcase(path, pattern) for pattern in policy.containers.allowed_devices)


def trusts_registry(policy: Policy, reference: str) -> bool | None:
    """Whether an image reference comes from a trusted registry; None if none were decided.

    A reference without a registry is one of ``docker.io`` (and ``docker.io/library`` where it has
    no slash), as the engine resolves it.
    """
    trusted = policy.images.trusted_registries
    if trusted is None:
        return None
    name = full_name(reference)
    return any(name == entry or name.startswith(entry.rstrip("/") + "/") for entry in trusted)


def full_name(reference: str) -> str:
    """A reference with its registry, without tag and digest: ``nginx:1`` →
    ``docker.io/library/nginx``."""
    name = reference.partition("@")[0]
    head, slash, rest = name.rpartition("/")
    name = head + slash + rest.partition(":")[0]
    first, slash, _ = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    if "." in first or ":" in first or first == "localhost":
        return name
    return f"docker.io/{name}"
