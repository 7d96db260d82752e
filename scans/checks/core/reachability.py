"""Conditions under which a vulnerability can be reached on a host, by name.

A condition is written ``name`` or ``name:argument`` (``module:nf_tables``). Each is a pure function
of facts that says yes, no, or None when what decides was not read.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scans.checks.core import settings
from scans.checks.core.capabilities import CAPABILITIES, mask
from scans.checks.core.held_capabilities import held_capabilities
from scans.checks.core.model import NotApplicable, Unreadable
from scans.checks.core.namespaces import uses_host
from scans.checks.core.seccomp_filter import declared_off, is_filtered
from scans.checks.core.upstream_version import parse
from scans.facts import Container, Facts, Kernel

Holds = bool | None

AF_ALG_FORBIDDEN_SINCE = "29.4.3"
"""The first Docker whose seccomp profile keeps containers from AF_ALG sockets everywhere."""

CRI_PLUGINS = frozenset(("cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"))
SYSTEM_CONTAINERD = "/run/containerd/containerd.sock"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a vulnerability can be reached, and what says that it can't or is not known."""

    holds: Holds
    reasons: tuple[str, ...]
    """Clauses: "no authorization plugin is configured". Empty when it can be reached."""

    @property
    def why(self) -> str:
        """The reasons as one text."""
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Condition:
    """One named condition."""

    judge: Callable[[Facts, str], Holds]
    absent: str
    """Why it does not hold; ``{argument}`` is what follows the colon."""
    unread: str
    """What was not read; completes "could not be told: …"."""
    arguments: Callable[[str], bool] = lambda argument: argument == ""
    """Which arguments it takes: none, unless it says otherwise."""


def reach(conditions: Iterable[str], facts: Facts) -> Reach:
    """Whether all conditions hold on a host; each may offer several with `` or ``."""
    answers = [_any(condition.split(" or "), facts) for condition in conditions]
    for outcome in (False, None):
        reasons = tuple(why for holds, whys in answers if holds is outcome for why in whys)
        if any(holds is outcome for holds, _ in answers):
            return Reach(outcome, tuple(dict.fromkeys(reasons)))
    return Reach(True, ())


def is_known(condition: str) -> bool:
    """Whether a condition, or each of several with `` or `` between them, exists."""
    return all(map(_is_known, condition.split(" or ")))


def _is_known(text: str) -> bool:
    name, _, argument = text.partition(":")
    return name in CONDITIONS and CONDITIONS[name].arguments(argument)


def _any(alternatives: list[str], facts: Facts) -> tuple[Holds, list[str]]:
    """The best answer among alternatives, with the reasons of those that gave it."""
    answers: list[tuple[Holds, str]] = []
    for text in alternatives:
        name, _, argument = text.partition(":")
        condition = CONDITIONS[name]
        holds = condition.judge(facts, argument)
        sentence = condition.absent if holds is False else condition.unread
        answers.append((holds, sentence.format(argument=argument)))
    outcome = any_of(holds for holds, _ in answers)
    return outcome, [sentence for holds, sentence in answers if holds is outcome]


def any_of(answers: Iterable[Holds]) -> Holds:
    """True if one is; None if none is but one is not known; otherwise False."""
    seen = set(answers)
    return True if True in seen else None if None in seen else False


# the engine


def _authorization_plugin(facts: Facts, _: str) -> Holds:
    plugins = facts.engine.plugins if facts.engine is not None else None
    if any(plugin.kind == "authorization" and plugin.enabled for plugin in plugins or ()):
        return True
    try:
        named, _setting = settings.value(facts, "authorization-plugins", [])
    except NotApplicable:
        return False
    except Unreadable:
        return None if plugins is None else False
    return bool(named)


def _swarm_active(facts: Facts, _: str) -> Holds:
    return None if facts.engine is None else facts.engine.swarm_state not in ("inactive", "")


def _encrypted_overlay(facts: Facts, _: str) -> Holds:
    if facts.networks is None:
        return None
    return any(row.driver == "overlay" and "encrypted" in row.options for row in facts.networks)


def _internal_network(facts: Facts, _: str) -> Holds:
    return None if facts.networks is None else any(row.internal for row in facts.networks)


def _managed_plugin(facts: Facts, _: str) -> Holds:
    if facts.engine is None or facts.engine.plugins is None:
        return None
    return any(plugin.managed for plugin in facts.engine.plugins)


def _rootless(facts: Facts, _: str) -> Holds:
    return None if facts.engine is None else facts.engine.rootless


def _cri_enabled(facts: Facts, _: str) -> Holds:
    """containerd serves Kubernetes' interface unless it is told not to. Docker's package tells it
    so, and dockerd does for a containerd that it starts itself."""
    config = facts.daemon.containerd_config if facts.daemon is not None else None
    if config is not None:
        disabled = config.get("disabled_plugins")
        return not CRI_PLUGINS.intersection(disabled) if isinstance(disabled, list) else None
    if facts.daemon is None or facts.files is None:
        return None
    sockets = {file.path for file in facts.files if file.kind == "socket"}
    if SYSTEM_CONTAINERD not in sockets and any("containerd.sock" in path for path in sockets):
        asked = facts.daemon.effective("cri-containerd")
        return asked is not None and asked.value is True
    absent = any(f.role == "containerd-config" and f.kind == "absent" for f in facts.files)
    return True if absent else None


def _firewalld(facts: Facts, _: str) -> Holds:
    if facts.engine is not None and "firewalld" in (facts.engine.firewall_backend or ""):
        return True
    if facts.processes is None:
        return None
    return any(process.name == "firewalld" for process in facts.processes)


# containers


def _host_network(facts: Facts, _: str) -> Holds:
    return _any_container(facts, lambda each: uses_host(each, "net", facts)[0])


def _unfiltered(container: Container, facts: Facts) -> Holds:
    """Whether a container's system calls are not filtered."""
    filtered = is_filtered(container)
    if filtered is not None:
        return not filtered
    if declared_off(container, facts):
        return True
    return None if container.running else False


def _capability(facts: Facts, name: str) -> Holds:
    """A container has it, or can have it in a user namespace that it makes for itself, from which
    the engines' seccomp profiles keep it."""

    def has(container: Container) -> Holds:
        if held_capabilities(container, facts) & mask((name,)):
            return True
        return _both(_unfiltered(container, facts), user_namespaces(facts))

    return _any_container(facts, has)


def _unprivileged_bpf(facts: Facts, _: str) -> Holds:
    if facts.kernel is None:
        return None
    told = facts.kernel.sysctls.get("kernel.unprivileged_bpf_disabled", "").strip()
    allowed = None if not told else told == "0"
    return _any_container(facts, lambda each: _both(_unfiltered(each, facts), allowed))


def _af_alg(facts: Facts, _: str) -> Holds:
    engine = facts.engine
    if engine is None:
        return None
    version, first = parse(engine.version), parse(AF_ALG_FORBIDDEN_SINCE)
    if engine.name == "podman" or version is None or first is None:
        return None
    if version < first:
        return True
    return _any_container(facts, lambda each: _unfiltered(each, facts))


def _any_container(facts: Facts, judge: Callable[[Container], Holds]) -> Holds:
    return None if facts.containers is None else any_of(map(judge, facts.containers))


def _both(one: Holds, other: Holds) -> Holds:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def user_namespaces(facts: Facts) -> Holds:
    """Whether processes without privileges may make user namespaces (user_namespaces(7))."""
    if facts.kernel is None:
        return None
    forbidden = {"user.max_user_namespaces": "0", "kernel.unprivileged_userns_clone": "0"}
    return not any(
        facts.kernel.sysctls.get(name, "").strip() == value for name, value in forbidden.items()
    )


# the kernel


def _apparmor(facts: Facts, _: str) -> Holds:
    return None if facts.lsm is None else facts.lsm.apparmor_enabled


def _cgroup_v1(facts: Facts, _: str) -> Holds:
    if facts.kernel is not None and facts.kernel.cgroup_version is not None:
        return facts.kernel.cgroup_version == 1
    told = facts.engine.cgroup_version if facts.engine is not None else ""
    return told == "1" if told in ("1", "2") else None


def _module(facts: Facts, name: str) -> Holds:
    """The code of a module is in the kernel, or gets there when a program asks for it.

    Blocking it in modprobe's configuration has no effect where it is built in.
    """
    kernel = facts.kernel
    if kernel is None or kernel.modules is None:
        return None
    if name in map(_plain, kernel.modules):
        return True
    if not _may_load(kernel, name):
        return None if kernel.modules_builtin is None else name in kernel.modules_builtin
    return True


def _may_load(kernel: Kernel, name: str) -> bool:
    if kernel.sysctls.get("kernel.modules_disabled", "").strip() == "1":
        return False
    return name not in map(_plain, kernel.modules_blocked)


def _plain(name: str) -> str:
    """Module names are written with either dash."""
    return name.replace("-", "_")


CONDITIONS: dict[str, Condition] = {
    "authorization-plugin": Condition(
        _authorization_plugin,
        "no authorization plugin is configured",
        "whether an authorization plugin is configured was not read",
    ),
    "swarm-active": Condition(
        _swarm_active, "no swarm is active", "whether a swarm is active was not read"
    ),
    "encrypted-overlay": Condition(
        _encrypted_overlay,
        "no overlay network is encrypted",
        "the networks were not read",
    ),
    "internal-network": Condition(
        _internal_network, "no network is internal", "the networks were not read"
    ),
    "managed-plugin": Condition(
        _managed_plugin, "no engine plugin is installed", "the engine's plugins were not read"
    ),
    "rootless": Condition(
        _rootless, "the engine does not run rootless", "whether the engine is rootless was not read"
    ),
    "cri-enabled": Condition(
        _cri_enabled,
        "containerd's CRI plugin is disabled",
        "whether containerd's CRI plugin is enabled was not read",
    ),
    "firewalld": Condition(
        _firewalld, "firewalld does not run", "whether firewalld runs was not read"
    ),
    "host-network-container": Condition(
        _host_network,
        "no container uses the host's network",
        "which network containers use was not read",
    ),
    "container-capability": Condition(
        _capability,
        "no container can have {argument}",
        "whether a container can have {argument} was not read",
        lambda argument: argument in CAPABILITIES,
    ),
    "container-unprivileged-bpf": Condition(
        _unprivileged_bpf,
        "no container may load BPF programs without privileges",
        "whether a container may load BPF programs was not read",
    ),
    "af-alg-sockets": Condition(
        _af_alg,
        "seccomp keeps all containers from AF_ALG sockets",
        "whether seccomp keeps containers from AF_ALG sockets was not read",
    ),
    "apparmor": Condition(
        _apparmor, "AppArmor is not used", "whether AppArmor is used was not read"
    ),
    "cgroup-v1": Condition(
        _cgroup_v1, "the host uses cgroup v2", "the version of cgroups was not read"
    ),
    "module": Condition(
        _module,
        "the module {argument} is blocked and not loaded",
        "whether the module {argument} is loaded, blocked or built in was not read",
        lambda argument: argument.replace("_", "").isalnum(),
    ),
}
