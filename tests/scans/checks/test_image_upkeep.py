"""Item 1: images that are too old, and images that nothing uses."""

from datetime import UTC, datetime, timedelta

import pytest

from scans.checks import image_upkeep  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ImagePolicy, Policy
from scans.facts import Gap
from tests.factories import NOW, container, facts, image
from tests.scans.checks.judge import judge

# image-unused


def unused(number, **sections):
    tagged = tuple(image(id=f"sha256:{n:064x}", tags=(f"app:{n}",)) for n in range(number))
    return facts(images=(image(), *tagged), **{"containers": (container(),)} | sections)


def test_as_many_unused_images_as_the_policy_allows_pass():
    assert judge("image-unused", unused(10)).status == "pass"
    assert judge("image-unused", unused(11)).status == "fail"


def test_the_policy_says_how_many_images_may_be_unused():
    def allowing(number):
        return Context(policy=Policy(images=ImagePolicy(max_unused=number)))

    assert judge("image-unused", unused(3), allowing(2)).status == "fail"
    assert judge("image-unused", unused(3), allowing(3)).status == "pass"


def test_an_image_of_a_stopped_container_is_in_use():
    stopped = container(id="d" * 64, image_id=f"sha256:{0:064x}", state="exited")
    host = unused(11, containers=(container(), stopped))
    assert judge("image-unused", host).status == "pass"


def test_untagged_images_are_dangling_and_not_unused():
    host = facts(containers=(), images=tuple(image(id=str(n), tags=()) for n in range(20)))
    assert judge("image-unused", host).status == "pass"


def test_unused_images_are_unknown_while_containers_or_images_are():
    assert judge("image-unused", unused(3, containers=None)).status == "unknown"
    assert judge("image-unused", facts(images=None)).status == "unknown"


def test_a_container_that_was_not_read_may_use_the_image_in_excess():
    gap = Gap(section="containers", reason="HTTP 500", subject="db")
    assert judge("image-unused", unused(11, gaps=(gap,))).status == "unknown"
    assert judge("image-unused", unused(12, gaps=(gap,))).status == "fail"


def test_an_image_that_was_not_read_may_be_the_one_in_excess():
    gap = Gap(section="images", reason="HTTP 500", subject="app:99")
    assert judge("image-unused", unused(10, gaps=(gap,))).status == "unknown"
    assert judge("image-unused", unused(9, gaps=(gap,))).status == "pass"


# image-age


def built(at, context=None):
    host = facts(containers=(container(),), images=(image(created_at=at),))
    return judge("image-age", host, context)


def test_an_image_is_too_old_after_half_a_year():
    assert built(NOW - timedelta(days=180)).status == "pass"
    assert built(NOW - timedelta(days=181)).status == "fail"


def test_the_policy_says_how_old_an_image_may_be():
    month = Context(policy=Policy(images=ImagePolicy(max_age_days=30)))
    assert built(NOW - timedelta(days=30), month).status == "pass"
    assert built(NOW - timedelta(days=31), month).status == "fail"


@pytest.mark.parametrize("year", [1, 1970, 1980])
def test_the_date_of_a_reproducible_build_is_no_age(year):
    assert built(datetime(year, 1, 2, tzinfo=UTC)).status == "unknown"


def test_an_image_of_the_future_or_of_no_date_is_unknown():
    assert built(NOW + timedelta(days=2)).status == "unknown"
    assert built(None).status == "unknown"


def test_the_age_of_an_unused_image_is_not_judged():
    host = facts(images=(image(created_at=NOW - timedelta(days=1000)),))
    assert judge("image-age", host).status == "not_applicable"


# image-dangling


@pytest.mark.parametrize("tags", [(), ("<none>:<none>",)])
def test_an_untagged_image_that_nobody_uses_fails(tags):
    assert judge("image-dangling", facts(images=(image(tags=tags),))).status == "fail"


def test_an_untagged_image_in_use_passes():
    host = facts(containers=(container(state="exited"),), images=(image(tags=()),))
    assert judge("image-dangling", host).status == "pass"


def test_a_tagged_image_passes():
    assert judge("image-dangling", facts(images=(image(),))).status == "pass"


def test_an_untagged_image_is_unknown_while_containers_are():
    host = facts(containers=None, images=(image(tags=()),))
    assert judge("image-dangling", host).status == "unknown"
