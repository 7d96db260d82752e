"""What nearly every check needs: facts that must be there, and the subjects they are about."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from scans.checks.core.model import NotApplicable, Subject, Unreadable
from scans.facts import Container, DaemonConfig, Engine, Facts, Image, Network, Setting

T = TypeVar("T")

HOST = Subject("host", "host")
DAEMON = Subject("daemon", "daemon")


def require(facts: Facts, value: T | None, section: str, what: str) -> T:
    """The value, or :class:`Unreadable` with what the section's gap says.

    ``what`` names it for a person: "the containers", "the kernel's audit rules".
    """
    if value is not None:
        return value
    for gap in facts.gaps:
        if gap.section == section and gap.subject is None:
            hint = f" ({gap.hint})" if gap.hint else ""
            raise Unreadable(f"{what} could not be read: {gap.reason}{hint}")
    raise Unreadable(f"{what} could not be read")


def engine(facts: Facts) -> Engine:
    """The engine as its API describes it."""
    return require(facts, facts.engine, "engine", "the engine")


def daemon(facts: Facts) -> DaemonConfig:
    """The daemon's configuration as the probe read it; not applicable to Podman, which runs
    without a daemon."""
    if facts.engine is not None and facts.engine.name == "podman":
        raise NotApplicable("Podman runs without a daemon")
    return require(facts, facts.daemon, "daemon", "the daemon's configuration")


def setting(facts: Facts, key: str) -> Setting | None:
    """The setting of a key that decides for the running daemon; None when the default does."""
    return daemon(facts).effective(key)


def containers(facts: Facts) -> tuple[Container, ...]:
    """All containers, running or not; not applicable when there is none."""
    found = require(facts, facts.containers, "containers", "the containers")
    if not found:
        _refuse_if_unread(facts, "containers")
        raise NotApplicable("there is no container")
    return found


def running_containers(facts: Facts) -> tuple[Container, ...]:
    """Containers whose main process runs; not applicable when none does."""
    found = require(facts, facts.containers, "containers", "the containers")
    running = tuple(container for container in found if container.running)
    if not running:
        _refuse_if_unread(facts, "containers")
        raise NotApplicable("no container runs")
    return running


def images(facts: Facts) -> tuple[Image, ...]:
    """All images; not applicable when there is none."""
    found = require(facts, facts.images, "images", "the images")
    if not found:
        _refuse_if_unread(facts, "images")
        raise NotApplicable("there is no image")
    return found


def _refuse_if_unread(facts: Facts, section: str) -> None:
    """None was read is not the same as there is none: raise Unreadable if one was listed."""
    for gap in facts.gaps:
        if gap.section == section and gap.subject is not None:
            raise Unreadable(f"{gap.subject} could not be read: {gap.reason}")


def networks(facts: Facts) -> tuple[Network, ...]:
    """All networks of the engine."""
    return require(facts, facts.networks, "networks", "the networks")


def container_subject(container: Container) -> Subject:
    """A container by the name that a redeploy keeps: its swarm service, its compose project and
    service, or else its own name."""
    if container.swarm_service:
        return _container(container.swarm_service)
    project = container.labels.get("com.docker.compose.project")
    service = container.labels.get("com.docker.compose.service")
    return _container(f"{project}/{service}" if project and service else container.name)


@lru_cache(maxsize=4096)  # every check of containers names them all
def _container(name: str) -> Subject:
    return Subject("container", name)


def image_subject(image: Image) -> Subject:
    """An image by its first tag, or its short id where it has none."""
    return Subject("image", image.name)


def by_id(found: Iterable[Container]) -> dict[str, Container]:
    """Containers by id and by name, to follow ``container:`` references."""
    index: dict[str, Container] = {}
    for container in found:
        index[container.id] = container
        index.setdefault(container.name, container)
    return index
