"""Item 1: which images an organisation trusts, by registry, digest and signature."""

from collections.abc import Iterable, Iterator

from scans.checks.core.context import Context
from scans.checks.core.engines import docker_engine
from scans.checks.core.image_identity import (
    broken_signatures,
    pulled_from,
    reports_identity,
    signers,
)
from scans.checks.core.model import (
    Evidence,
    NeedsAttestation,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
)
from scans.checks.core.policy import Policy, full_name, trusts_registry
from scans.checks.core.reading import container_subject, engine, require, running_containers
from scans.checks.core.registry import check, manual
from scans.checks.core.upstream_version import parse
from scans.checks.core.used_images import judge_used, names_content
from scans.facts import Facts, Image

LAST_WITH_TRUST = 28
"""Docker's last line whose client has Content Trust built in."""

manual("image-minimal-packages", item=1, severity=Severity.LOW, cis=["4.3"])
manual("image-scanned", item=1, severity=Severity.MEDIUM, cis=["4.4"])
manual("image-verified-packages", item=1, severity=Severity.LOW, cis=["4.11"])
manual("container-image-current", item=1, severity=Severity.MEDIUM, cis=["5.28"])


@check(
    "image-trusted-registry",
    item=1,
    severity=Severity.MEDIUM,
    cis=["4.2"],
    needs=["containers", "images"],
)
def trusted_registry(facts: Facts, context: Context) -> Iterator[Verdict]:
    """A registry that the policy trusts has delivered the image; its tag alone proves nothing."""
    if context.policy.images.trusted_registries is None:
        raise NeedsAttestation("the policy names no trusted registry: attest where images are from")

    def judge(subject: Subject, image: Image) -> Verdict:
        return _by_origin(subject, image, context.policy)

    yield from judge_used(facts, judge)


def _by_origin(subject: Subject, image: Image, policy: Policy) -> Verdict:
    pulled = pulled_from(image)
    names = sorted({full_name(name) for name in (image.digests if pulled is None else pulled)})
    field = "RepoDigests" if pulled is None else "Identity.Pull"
    trusted = list(policy.images.trusted_registries or ())
    seen = Evidence(f"docker image inspect: {field}", names, trusted)
    good = [name for name in names if trusts_registry(policy, name)]
    if good:
        return passed(subject, "comes from {name}, which is trusted", seen, name=good[0])
    if names:
        return failed(subject, "comes from {name}, which is not trusted", seen, name=names[0])
    return failed(subject, "comes from no registry, so from none that is trusted", seen)


@check("image-digest-pinned", item=1, severity=Severity.LOW, needs=["containers"])
def digest_pinned(facts: Facts) -> Iterator[Verdict]:
    """Whoever can push to a registry can move a tag; a digest or id is the content itself."""
    for container in running_containers(facts):
        subject = container_subject(container)
        seen = Evidence("docker inspect: Config.Image", container.image, "a digest or an id")
        if names_content(container):
            yield passed(subject, "runs an image named by its digest", seen)
        else:
            yield failed(
                subject, "runs {image}, which a tag can change", seen, image=container.image
            )


@check("image-identity", item=1, severity=Severity.LOW, cis=["4.12"], needs=["engine", "images"])
def identity(facts: Facts) -> Iterator[Verdict]:
    """The engine has verified a signature of each image in use (CIS 4.12)."""
    found = require(facts, facts.images, "images", "the images")
    if not reports_identity(engine(facts), found):
        raise NeedsAttestation(
            "this engine does not report signatures: attest that they are verified before"
        )
    yield from judge_used(facts, _by_signature)


def _by_signature(subject: Subject, image: Image) -> Verdict:
    good, broken = signers(image), broken_signatures(image)
    observed = {"verified": list(good), "errors": list(broken)}
    seen = Evidence("docker image inspect: Identity.Signature", observed, "a verified signature")
    if good:
        return passed(subject, "is signed: {signers}", seen, signers=", ".join(good))
    if broken:
        template = "has a signature that could not be verified: {why}"
        return failed(subject, template, seen, why=broken[0])
    return failed(subject, "has no signature that the engine has verified", seen)


@check("content-trust", item=1, severity=Severity.LOW, cis=["4.5"], needs=["engine"])
def content_trust(facts: Facts) -> Iterable[Verdict]:
    """``DOCKER_CONTENT_TRUST`` is in the environment of clients, where no audit of a host sees
    it; it left the client with Docker 29."""
    text = docker_engine(facts).version
    version = parse(text)
    if version is None:
        raise Unreadable(f"the engine's version could not be understood: {text}")
    if version.numbers[0] > LAST_WITH_TRUST:
        raise NotApplicable("superseded: Content Trust left Docker with 29; see image-identity")
    raise NeedsAttestation("attest that clients run with DOCKER_CONTENT_TRUST=1")
