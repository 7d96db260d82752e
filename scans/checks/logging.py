"""Item 3: what the daemon and its containers log, where it goes and whether it ends."""

from collections.abc import Iterator, Mapping

from scans.checks.core import settings
from scans.checks.core.addresses import is_loopback, parse_host_url, split_port
from scans.checks.core.files import Wanted, looked_up
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Unreadable,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    containers,
    engine,
    require,
)
from scans.checks.core.registry import check
from scans.facts import Container, Facts, FileStat

SHIPPING = frozenset(("awslogs", "fluentd", "gcplogs", "gelf", "splunk"))
"""Drivers that send to a collector, or to the forwarder of one."""
SHOWN = 20
"""How many names evidence lists."""
STAYING = frozenset(("json-file", "k8s-file", "local", "none", "passthrough"))
"""Drivers whose logs never leave the host by themselves."""
FILES_WITHOUT_LIMIT = frozenset(("json-file", "k8s-file"))
"""Drivers whose files grow for ever unless ``max-size`` is set; ``local`` rotates by itself."""


@check("daemon-log-level", item=3, severity=Severity.LOW, cis=["2.3"], needs=["daemon", "engine"])
def log_level(facts: Facts) -> Iterator[Verdict]:
    """``info`` is the default; ``debug`` as a switch of its own overrides the level."""
    level, level_set = settings.value(facts, "log-level", default="info")
    debug, debug_set = settings.value(facts, "debug", default=False)
    seen = (
        settings.evidence("log-level", level, level_set, "info"),
        settings.evidence("debug", debug, debug_set, False),
    )
    if debug is True:
        yield failed(DAEMON, "logs at level debug", *seen)
    elif str(level).lower() != "info":
        yield failed(DAEMON, "logs at level {level}", *seen, level=level)
    else:
        yield passed(DAEMON, "logs at level info", *seen)


@check("daemon-log-driver", item=3, severity=Severity.MEDIUM, cis=["2.14"], needs=["engine"])
def log_driver(facts: Facts) -> Iterator[Verdict]:
    """The engine's default driver, as it reports it itself, has to take logs off the host."""
    node = engine(facts)
    if node.name == "podman":
        raise NotApplicable("Podman runs without a daemon")
    driver = node.logging_driver
    seen = Evidence("docker info: LoggingDriver", driver, "a driver that sends logs elsewhere")
    if driver in SHIPPING:
        yield passed(DAEMON, "sends container logs away with {driver}", seen, driver=driver)
    elif driver in STAYING:
        yield failed(DAEMON, "keeps container logs on the host ({driver})", seen, driver=driver)
    elif driver == "journald":
        yield failed(
            DAEMON, "writes to the host's journal: logs stay here unless it is forwarded", seen
        )
    elif driver == "syslog":
        yield _syslog(facts, seen)
    else:
        template = "uses the plugin {driver}; where it sends logs can't be told"
        yield unknown(DAEMON, template, seen, driver=driver or "?")


def _syslog(facts: Facts, driver: Evidence) -> Verdict:
    """The syslog driver writes to the host's own syslog unless it is given a remote address."""
    if facts.daemon is None:
        return unknown(DAEMON, "uses syslog; its address could not be read", driver)
    options, setting = settings.value(facts, "log-opts", default={})
    address = _options(options).get("syslog-address", "")
    seen = settings.evidence("log-opts", {"syslog-address": address}, setting, "a remote address")
    if _is_remote(address):
        return passed(DAEMON, "sends container logs to {address}", driver, seen, address=address)
    return failed(DAEMON, "writes to the host's own syslog: logs stay here", driver, seen)


def _options(entry: object) -> dict[str, str]:
    """``log-opts`` as an object of ``daemon.json``, or as ``key=value`` flags."""
    if isinstance(entry, Mapping):
        return {str(key): str(value) for key, value in entry.items()}
    return dict(part.partition("=")[::2] for part in settings.as_list(entry))


def _is_remote(address: str) -> bool:
    """Whether a ``syslog-address`` (``udp://host:514``, ``unix:///dev/log``) leaves the host."""
    scheme, rest, _ = parse_host_url(address)
    host = split_port(rest.partition("/")[0])[0]
    return scheme in ("tcp", "udp", "tcp+tls") and bool(address) and not is_loopback(host)


@check("container-log-driver", item=3, severity=Severity.HIGH, needs=["containers"])
def container_log_driver(facts: Facts) -> Iterator[Verdict]:
    """With the driver ``none`` nothing that the container writes is kept anywhere."""
    for container in containers(facts):
        subject = container_subject(container)
        driver, seen = _driver(container, facts)
        if not driver:
            yield unknown(subject, "its log driver could not be read", seen)
        elif driver == "none":
            yield failed(subject, "throws its logs away", seen)
        else:
            yield passed(subject, "logs with {driver}", seen, driver=driver)


def _driver(container: Container, facts: Facts) -> tuple[str, Evidence]:
    if container.log_driver or facts.engine is None:
        source, driver = "docker inspect: HostConfig.LogConfig.Type", container.log_driver
    else:
        source, driver = "docker info: LoggingDriver", facts.engine.logging_driver
    return driver, Evidence(source, driver, "a driver other than none")


@check("container-log-rotation", item=3, severity=Severity.MEDIUM, needs=["containers"])
def container_log_rotation(facts: Facts) -> Iterator[Verdict]:
    """Inspected options include the daemon's defaults as they were when it was created."""
    for container in containers(facts):
        subject = container_subject(container)
        driver, kind = _driver(container, facts)
        size = container.log_options.get("max-size", "")
        seen = Evidence("docker inspect: HostConfig.LogConfig.Config.max-size", size, "a size")
        if driver in FILES_WITHOUT_LIMIT or not driver:
            if _is_limit(size):
                yield passed(subject, "rotates its log at {size}", kind, seen, size=size)
            elif driver:
                yield failed(subject, "has a log without limit of size", kind, seen)
            else:
                yield unknown(subject, "its log driver could not be read", kind, seen)
        elif driver == "local":
            yield passed(subject, "uses the driver local, which rotates", kind)
        else:
            template = "writes no log file of the engine ({driver})"
            yield not_applicable(subject, template, kind, driver=driver)


def _is_limit(size: str) -> bool:
    """Whether ``max-size`` limits anything: ``-1`` is no limit, and the engine refuses ``0``."""
    return size[:1].isdigit() and size.strip("0") != ""


@check("journald-persistent", item=3, severity=Severity.LOW, needs=["engine", "containers"])
def journald_persistent(facts: Facts) -> Iterator[Verdict]:
    """The journal that containers log to is on disk.

    journald moves its journal from memory to disk and removes the former when it may
    (systemd-journald.service(8)), so where its files lie tells what is in force.
    """
    users = _journal_users(facts)
    kept, volatile = (_journal(facts, role) for role in ("journal", "journal-volatile"))
    seen = (*users, _lies(kept, "file"), _lies(volatile, "absent"))
    if "unreadable" in (kept.kind, volatile.kind):
        yield unknown(HOST, "where its journal lies could not be read", *seen)
    elif volatile.kind != "absent":
        yield failed(HOST, "keeps its journal in memory, so a restart ends it", *seen)
    elif kept.kind == "absent":
        yield failed(HOST, "has no journal, though containers log to it", *seen)
    else:
        yield passed(HOST, "keeps its journal on disk", *seen)


def _journal_users(facts: Facts) -> tuple[Evidence, ...]:
    """Whose logs go to the journal: the daemon's default, and containers'."""
    default = engine(facts).logging_driver
    found = require(facts, facts.containers, "containers", "the containers")
    names = sorted({c.name for c in found if _driver(c, facts)[0] == "journald"})
    if default != "journald" and not names:
        raise NotApplicable("no container logs to the journal")
    return (
        Evidence("docker info: LoggingDriver", default),
        Evidence("docker inspect: containers with LogConfig.Type journald", names[:SHOWN]),
    )


def _journal(facts: Facts, role: str) -> FileStat:
    looked_for = looked_up(facts, Wanted("the journal", role))
    if not looked_for:
        raise Unreadable("the journal was not looked for")
    return looked_for[0]


def _lies(file: FileStat, expected: str) -> Evidence:
    return Evidence(f"stat {file.path}", file.kind, expected)
