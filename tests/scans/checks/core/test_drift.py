"""How privileged files differ from those of an earlier inventory."""

from typing import Any

import pytest

from scans.checks.core.drift import drift
from tests.scans.checks.privileged import file, inventory

A, B = "a" * 64, "b" * 64


def kinds(before: tuple[Any, ...], now: tuple[Any, ...], **fields: Any) -> dict[str, str]:
    return {found.path: found.kind for found in drift(before, inventory(*now, **fields))}


def changes(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    (found,) = drift((file(**before),), inventory(file(**now)))
    return found.changes


def test_the_same_files_do_not_differ():
    same = file(sha256=A)
    assert kinds((same,), (same,)) == {}


def test_a_new_file_is_added():
    assert kinds((), (file("/x"),)) == {"/x": "added"}


def test_a_missing_file_is_removed():
    assert kinds((file("/x"),), ()) == {"/x": "removed"}


def test_a_missing_file_is_undecided_when_the_search_was_cut_short():
    assert kinds((file("/x"),), (), complete=False) == {"/x": "undecided"}


def test_a_missing_file_with_capabilities_is_undecided_when_they_could_not_be_listed():
    carrier = file("/x", mode=0o755, capabilities="cap_net_raw=ep")
    assert kinds((carrier,), (), capabilities_read=False) == {"/x": "undecided"}
    assert kinds((carrier,), ()) == {"/x": "removed"}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"mode": 0o4755}, {"mode": 0o4777}, ("mode",)),
        ({"uid": 0}, {"uid": 1000}, ("owner",)),
        ({"gid": 0}, {"gid": 50}, ("owner",)),
        ({"capabilities": None}, {"capabilities": "cap_setuid=ep"}, ("capabilities",)),
        ({"provenance": "unowned"}, {"provenance": "unowned", "sha256": B}, ("content",)),
    ],
)
def test_says_what_changed(before, now, expected):
    assert changes({"sha256": A} | before, {"sha256": A} | now) == expected


def test_another_size_is_another_content_though_no_digest_was_read():
    assert changes({"size": 1}, {"size": 2, "provenance": "altered"}) == ("content",)


def test_the_same_size_without_a_digest_is_undecided():
    assert kinds((file("/x", sha256=A),), (file("/x"),)) == {"/x": "undecided"}


def test_another_content_as_the_same_package_delivers_it_is_an_update():
    assert kinds((file("/x", sha256=A),), (file("/x", sha256=B),)) == {"/x": "updated"}


@pytest.mark.parametrize(
    "now",
    [
        {"provenance": "altered"},
        {"provenance": "unknown"},
        {"package": "other"},
        {"mode": 0o6755},
        {"package": None, "provenance": "unowned"},
    ],
)
def test_any_other_change_of_content_is_no_update(now):
    assert kinds((file("/x", sha256=A),), (file("/x", sha256=B, **now),)) == {"/x": "changed"}


def test_a_file_that_gets_its_effect_by_a_remount_is_added():
    assert kinds((file("/x", nosuid=True),), (file("/x"),)) == {"/x": "added"}
