"""Item 1: that images are built again in time, and removed when nothing uses them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scans.checks.core.context import Context
from scans.checks.core.model import (
    Evidence,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import HOST, image_subject, images, require
from scans.checks.core.registry import check
from scans.checks.core.used_images import judge_used
from scans.facts import Facts, Image

SHOWN = 20
"""How many names evidence lists."""
FIRST_BUILD = datetime(2013, 3, 1, tzinfo=UTC)
"""Docker's first release; an image with an earlier date (1970, 1980) was given it on purpose."""


@check("image-dangling", item=1, severity=Severity.LOW, cis=["6.1"], needs=["containers", "images"])
def dangling(facts: Facts) -> Iterator[Verdict]:
    """What a build or pull left behind without a name (CIS 6.1)."""
    for image in images(facts):
        subject = image_subject(image)
        tags = [tag for tag in image.tags if tag != "<none>:<none>"]
        seen = Evidence("docker image ls: RepoTags", tags, "a tag, or a container that uses it")
        if tags:
            yield passed(subject, "has a tag", seen)
        elif facts.containers is None:
            yield unknown(subject, "has no tag; the containers that may use it are not known", seen)
        elif any(container.image_id == image.id for container in facts.containers):
            yield passed(subject, "has no tag, but a container uses it", seen)
        else:
            yield failed(subject, "has no tag and no container uses it", seen)


@check("image-unused", item=1, severity=Severity.LOW, cis=["6.1"], needs=["containers", "images"])
def unused(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Tagged images that no container uses, running or not (CIS 6.1): a few wait for a rollback."""
    found = images(facts)
    users = require(facts, facts.containers, "containers", "the containers")
    used = {container.image_id for container in users}
    names = [image.name for image in found if image.id not in used and image.tags]
    most, count = context.policy.images.max_unused, len(names)
    seen = Evidence(
        "docker image ls, docker ps --all: tagged images without a container",
        [count, names[:SHOWN]],
        f"at most {most}",
    )
    if count - _unread(facts, "containers") > most:
        yield failed(HOST, "keeps {count} images that no container uses", seen, count=count)
    elif count + _unread(facts, "images") > most:
        yield unknown(HOST, "some images or containers could not be read", seen)
    else:
        yield passed(HOST, "keeps {count} images that no container uses", seen, count=count)


def _unread(facts: Facts, section: str) -> int:
    return sum(gap.section == section and gap.subject is not None for gap in facts.gaps)


@check("image-age", item=1, severity=Severity.MEDIUM, needs=["containers", "images"])
def age(facts: Facts, context: Context) -> Iterator[Verdict]:
    """An image holds the fixes of the day it was built; the policy says how old it may be."""
    most, now = context.policy.images.max_age_days, facts.started_at

    def judge(subject: Subject, image: Image) -> Verdict:
        built = image.created_at
        seen = Evidence(
            "docker image inspect: Created",
            built.isoformat() if built else None,
            f"at most {most} days ago",
        )
        if built is None:
            return unknown(subject, "does not say when it was built", seen)
        if built < FIRST_BUILD or built > now + timedelta(days=1):
            return unknown(subject, "names no real date: its build is reproducible", seen)
        days = (now - built).days
        judged = failed if days > most else passed
        return judged(subject, "was built {days} days ago", seen, days=days)

    yield from judge_used(facts, judge)
