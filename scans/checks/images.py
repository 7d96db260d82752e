"""Item 1: where images come from, whether that is verified, and how they are built."""

from collections.abc import Iterator

from scans.checks.core.addresses import is_loopback, split_port
from scans.checks.core.history import added, lone_updates
from scans.checks.core.image_identity import pulled_from
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import (
    DAEMON,
    container_subject,
    image_subject,
    images,
    running_containers,
)
from scans.checks.core.registry import check
from scans.checks.core.settings import require_all_layers, setting_list
from scans.checks.core.used_images import judge_used, names_content
from scans.facts import Facts, Image

HISTORY = "docker history: CreatedBy"


@check(
    "images-insecure-registries",
    item=1,
    severity=Severity.HIGH,
    cis=["2.5"],
    needs=["daemon", "engine"],
)
def insecure_registries(facts: Facts) -> Iterator[Verdict]:
    """Loopback registries are insecure by default in every engine and no finding."""
    reported = facts.engine.insecure_registries if facts.engine else None
    listed = _listed(facts, "insecure-registries", reported)
    names = sorted({name for evidence in listed for name in evidence.observed})
    remote = [name for name in names if not _stays_here(name)]
    if remote:
        template = "trusts registries without verified TLS: {registries}"
        yield failed(DAEMON, template, *listed, registries=", ".join(remote))
    else:
        _require_whole_list(facts)
        yield passed(DAEMON, "trusts no registry without verified TLS", *listed)


@check("images-mirrors-encrypted", item=1, severity=Severity.MEDIUM, needs=["daemon", "engine"])
def mirrors_encrypted(facts: Facts) -> Iterator[Verdict]:
    """A mirror over plain HTTP can be read and altered on its way; on loopback there is no way."""
    reported = facts.engine.registry_mirrors if facts.engine else None
    listed = _listed(facts, "registry-mirrors", reported)
    names = sorted({name for evidence in listed for name in evidence.observed})
    plain = [n for n in names if n.lower().startswith("http://") and not _stays_here(n)]
    if plain:
        template = "pulls through a mirror over plain HTTP: {mirrors}"
        yield failed(DAEMON, template, *listed, mirrors=", ".join(plain))
        return
    _require_whole_list(facts)
    if names:
        yield passed(DAEMON, "reaches its registry mirrors over HTTPS", *listed)
    else:
        yield passed(DAEMON, "uses no registry mirror", *listed)


def _listed(facts: Facts, key: str, reported: tuple[str, ...] | None) -> list[Evidence]:
    """What the engine reports under a key and what its configuration lists, as evidence."""
    podman = facts.engine is not None and facts.engine.name == "podman"
    if podman and not reported:
        raise NotApplicable("Podman runs without a daemon")
    found = []
    if reported is not None:
        found.append(Evidence(f"docker info: RegistryConfig ({key})", list(reported), []))
    if not podman and (facts.daemon is not None or reported is None):
        found += setting_list(facts, key)
    return found


def _require_whole_list(facts: Facts) -> None:
    """The engine's answer holds what is in force; without it every layer must have been read."""
    if facts.engine is None:
        require_all_layers(facts)


def _stays_here(registry: str) -> bool:
    """Whether a registry's name, network or URL is of this machine itself."""
    name = registry.partition("://")[2] or registry
    return is_loopback(name) or is_loopback(split_port(name.partition("/")[0])[0])


@check("image-version-pinned", item=1, severity=Severity.LOW, needs=["containers"])
def version_pinned(facts: Facts) -> Iterator[Verdict]:
    """The reference that a container was started by: a digest, an id or a tag other than latest."""
    for container in running_containers(facts):
        subject = container_subject(container)
        seen = Evidence("docker inspect: Config.Image", container.image, "a version tag or digest")
        if names_content(container):
            yield passed(subject, "runs an image named by its digest", seen)
            continue
        tag = container.image.rpartition("/")[2].partition(":")[2]
        if not tag:
            yield failed(subject, "runs {image} without a version", seen, image=container.image)
        elif tag == "latest":
            yield failed(subject, "runs {image}, a moving version", seen, image=container.image)
        else:
            yield passed(subject, "runs version {tag}", seen, tag=tag)


@check(
    "image-registry-origin", item=1, severity=Severity.LOW, needs=["engine", "containers", "images"]
)
def registry_origin(facts: Facts) -> Iterator[Verdict]:
    """An image that was built or loaded here: no registry vouches for it.

    What the engine verified itself decides. Else ``RepoDigests`` do, where a pull or push alone
    makes them: Podman and Docker's containerd store give them to local images too.
    """

    def judge(subject: Subject, image: Image) -> Verdict:
        names = [name for name in image.digests if not name.startswith("localhost/")]
        seen = Evidence(
            "docker image inspect: RepoDigests", list(image.digests), "a digest of a registry"
        )
        pulled = pulled_from(image)
        if pulled is not None:
            origin = Evidence("docker image inspect: Identity.Pull", list(pulled), "a repository")
            seen, names = origin, list(pulled)
        if not names:
            return failed(subject, "was never in a registry, so nobody can verify it", seen)
        if pulled is None and _names_all(facts):
            return unknown(
                subject, "has a digest, which this engine gives to local images as well", seen
            )
        return passed(subject, "was delivered by a registry", seen)

    yield from judge_used(facts, judge)


def _names_all(facts: Facts) -> bool:
    """Whether the engine makes digests for images that no registry delivered."""
    engine = facts.engine
    return engine is not None and (engine.name == "podman" or engine.storage_driver == "overlayfs")


@check("image-secrets", item=1, severity=Severity.HIGH, cis=["4.10"], needs=["images"])
def secrets(facts: Facts) -> Iterator[Verdict]:
    """Environment and history of an image are readable by whoever can pull it (CIS 4.10)."""
    for image in images(facts):
        subject = image_subject(image)
        env = Evidence("docker image inspect: Config.Env", list(image.secret_names), [])
        history = Evidence(HISTORY, list(image.history_secrets), [])
        names = (*image.secret_names, *image.history_secrets)
        if names:
            template = "carries what looks like secrets: {names}"
            yield failed(subject, template, env, history, names=", ".join(dict.fromkeys(names)))
        elif image.history is None:
            yield unknown(subject, "its history could not be read", env)
        else:
            yield passed(subject, "has no secret in its environment or history", env, history)


@check(
    "image-healthcheck", item=1, severity=Severity.LOW, cis=["4.6"], needs=["containers", "images"]
)
def healthcheck(facts: Facts) -> Iterator[Verdict]:
    """Only of images that run: a base image needs no HEALTHCHECK of its own (CIS 4.6)."""

    def judge(subject: Subject, image: Image) -> Verdict:
        test = image.healthcheck
        seen = Evidence("docker image inspect: Config.Healthcheck", test and list(test), "a test")
        if not test:
            return failed(subject, "has no HEALTHCHECK", seen)
        if test[0] == "NONE":
            return failed(subject, "switches its HEALTHCHECK off", seen)
        return passed(subject, "has a HEALTHCHECK", seen)

    yield from judge_used(facts, judge)


@check(
    "image-add-instruction",
    item=1,
    severity=Severity.LOW,
    cis=["4.9"],
    needs=["containers", "images"],
)
def add_instruction(facts: Facts) -> Iterator[Verdict]:
    """ADD fetches and unpacks; the one that makes the base layer has no alternative (CIS 4.9)."""

    def judge(subject: Subject, image: Image) -> Verdict:
        if image.history is None:
            return unknown(subject, "its history could not be read")
        found = added(image.history)
        seen = Evidence(HISTORY, list(found), "no ADD after the base layer")
        if found:
            return failed(subject, "is built with {step}", seen, step=found[0])
        return passed(subject, "is built without ADD", seen)

    yield from judge_used(facts, judge)


@check(
    "image-update-alone", item=1, severity=Severity.LOW, cis=["4.7"], needs=["containers", "images"]
)
def update_alone(facts: Facts) -> Iterator[Verdict]:
    """Package lists that are a layer of their own are cached and grow stale (CIS 4.7)."""

    def judge(subject: Subject, image: Image) -> Verdict:
        if image.history is None:
            return unknown(subject, "its history could not be read")
        found = lone_updates(image.history)
        seen = Evidence(HISTORY, list(found), "no step that only fetches package lists")
        if found:
            return failed(subject, "fetches package lists in a step of its own", seen)
        return passed(subject, "has no step that only fetches package lists", seen)

    yield from judge_used(facts, judge)
