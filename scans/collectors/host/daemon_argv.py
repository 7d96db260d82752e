"""dockerd's command line: which process is a daemon, and its flags as keys of daemon.json."""

from collections.abc import Iterator, Sequence
from posixpath import basename
from typing import Any

# Short flags and long ones whose key in daemon.json is another word (dockerd --help, dockerd.json).
_KEYS = {
    "-H": "hosts",
    "host": "hosts",
    "-D": "debug",
    "-l": "log-level",
    "-s": "storage-driver",
    "-g": "data-root",
    "graph": "data-root",
    "-G": "group",
    "-b": "bridge",
    "-p": "pidfile",
    "log-opt": "log-opts",
    "storage-opt": "storage-opts",
    "exec-opt": "exec-opts",
    "cluster-store-opt": "cluster-store-opts",
    "default-ulimit": "default-ulimits",
    "insecure-registry": "insecure-registries",
    "registry-mirror": "registry-mirrors",
    "authorization-plugin": "authorization-plugins",
    "label": "labels",
    "add-runtime": "runtimes",
    "default-address-pool": "default-address-pools",
    "default-network-opt": "default-network-opts",
    "dns-opt": "dns-opts",
    "feature": "features",
    "node-generic-resource": "node-generic-resources",
    "allow-nondistributable-artifacts": "allow-nondistributable-artifacts",
    "cdi-spec-dir": "cdi-spec-dirs",
    "tls-verify": "tlsverify",
}

_LISTS = frozenset(
    {
        "hosts", "storage-opts", "exec-opts", "insecure-registries", "registry-mirrors",
        "authorization-plugins", "labels", "default-address-pools", "dns", "dns-opts",
        "dns-search", "node-generic-resources", "allow-nondistributable-artifacts",
        "cdi-spec-dirs",
    }
)  # fmt: skip
_MAPS = frozenset(
    {
        "log-opts", "cluster-store-opts", "default-ulimits", "runtimes", "default-network-opts",
        "features",
    }
)  # fmt: skip
_SWITCHES = frozenset(
    {
        "debug", "icc", "iptables", "ip6tables", "ip-forward", "ip-forward-no-drop", "ip-masq",
        "ipv6", "live-restore", "no-new-privileges", "experimental", "selinux-enabled", "tls",
        "tlsverify", "userland-proxy", "init", "raw-logs", "allow-direct-routing", "validate",
        "cri-containerd", "rootless", "api-cors", "disable-legacy-registry", "help", "version",
        "bridge-accept-fwmark",
    }
)  # fmt: skip
_NUMBERS = frozenset(
    {
        "mtu", "max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts",
        "shutdown-timeout", "network-control-plane-mtu", "network-diagnostic-port",
        "oom-score-adjust", "cpu-rt-period", "cpu-rt-runtime", "default-shm-size-bytes",
    }
)  # fmt: skip
# What strconv.ParseBool takes.
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})

_DAEMONS = frozenset({"dockerd", "dockerd-ce"})


def is_daemon(argv: Sequence[str], executable: str | None) -> bool:
    """Whether a process is dockerd: by its first argument and, where it may be read, its file.

    Neither alone will do: any process may call itself dockerd, and the docker client is a file of
    the same name as daemons of long ago (``docker daemon``).
    """
    if not argv:
        return False
    name = basename(argv[0])
    old = name == "docker" and tuple(argv[1:2]) in (("daemon",), ("-d",))
    if name not in _DAEMONS and not old:
        return False
    if not executable:
        return True
    return basename(executable.removesuffix(" (deleted)")) in (*_DAEMONS, "docker")


def parse_flags(arguments: Sequence[str]) -> dict[str, Any]:
    """Flags as keys and values of daemon.json.

    Flags that may repeat become lists or maps, switches booleans. A flag that is not known keeps
    its name; it takes a value if the next argument is no flag.
    """
    found: dict[str, Any] = {}
    for key, value in _pairs(arguments):
        if key in _LISTS:
            words = value if isinstance(value, str) else ""
            found.setdefault(key, []).extend(_split(key, words))
        elif key in _MAPS:
            name, _, content = str(value).partition("=")
            found.setdefault(key, {})[name] = content
        elif key in _NUMBERS and isinstance(value, str):
            found[key] = int(value[:18]) if value.isascii() and value.isdecimal() else value
        else:
            found[key] = value
    return found


def _split(key: str, words: str) -> list[str]:
    """Some lists may be given with commas; addresses and pools hold commas of their own."""
    if key in ("insecure-registries", "registry-mirrors", "authorization-plugins"):
        return [word for word in words.split(",") if word]
    return [words]


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str | bool]]:
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            return
        if word.startswith("--"):
            flag, equals, value = word[2:].partition("=")
            yield _pair(_KEYS.get(flag, flag), equals, value, words)
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word, words)


def _short(word: str, words: list[str]) -> Iterator[tuple[str, str | bool]]:
    """``-H unix://…``, ``-Hunix://…``, ``-H=unix://…`` and switches together, ``-DH fd://``."""
    rest = word[1:]
    while rest:
        key = _KEYS.get(f"-{rest[0]}", rest[0])
        rest = rest[1:]
        if key in _SWITCHES and not rest.startswith("="):
            yield key, True
            continue
        yield _pair(key, "=" if rest else "", rest.removeprefix("="), words)
        return


def _pair(key: str, equals: str, value: str, words: list[str]) -> tuple[str, str | bool]:
    """A flag's value: behind its ``=``, or the next argument unless it is a switch."""
    if key in _SWITCHES:
        if equals and value in _FALSE:
            return key, False
        return key, value if equals and value not in _TRUE else True
    if equals:
        return key, value
    if words and (not words[0].startswith("-") or key in _KEYS.values()):
        return key, words.pop(0)
    return key, True
