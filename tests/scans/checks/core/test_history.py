from datetime import timedelta

import pytest

from scans.checks.core.history import added, lone_updates, steps
from scans.facts import HistoryEntry
from tests.factories import NOW


def history(*newest_first: str) -> tuple[HistoryEntry, ...]:
    """The engine's API gives the newest step first."""
    return tuple(HistoryEntry(created_by=line) for line in newest_first)


@pytest.mark.parametrize(
    ("created_by", "word", "text"),
    [
        ("/bin/sh -c #(nop)  ADD file:abc in / ", "ADD", "file:abc in /"),
        ("/bin/bash -o pipefail -c #(nop) COPY file:a in /b ", "COPY", "file:a in /b"),
        ("cmd /S /C #(nop)  ENV A=b", "ENV", "A=b"),
        ("ADD rootfs.tar.xz / # buildkit", "ADD", "rootfs.tar.xz /"),
        ("RUN /bin/sh -c make # buildkit", "RUN", "/bin/sh -c make"),
        ("/bin/sh -c make", "RUN", "/bin/sh -c make"),
        ('/bin/sh -c echo "#(nop) ADD x /"', "RUN", '/bin/sh -c echo "#(nop) ADD x /"'),
        ("", "RUN", ""),
    ],
)
def test_knows_the_instruction_of_either_builder(created_by, word, text):
    (step,) = steps(history(created_by))
    assert (step.word, step.text) == (word, text)


def test_brings_the_newest_first_of_the_api_to_the_order_of_the_dockerfile():
    assert [s.word for s in steps(history("COPY a /b", "ADD base.tar /"))] == ["ADD", "COPY"]


def test_keeps_a_history_whose_times_show_that_the_oldest_is_first():
    early = HistoryEntry(created_by="ADD base.tar /", created_at=NOW)
    late = HistoryEntry(created_by="COPY a /b", created_at=NOW + timedelta(hours=1))
    assert [s.word for s in steps((early, late))] == ["ADD", "COPY"]


def test_the_base_layers_add_is_not_counted():
    classic = history('/bin/sh -c #(nop)  CMD ["bash"]', "/bin/sh -c #(nop) ADD file:abc in / ")
    assert added(classic) == ()


def test_the_base_layers_add_may_follow_arguments_and_labels():
    ubuntu = history(
        "/bin/sh -c #(nop) ADD file:abc in / ",
        "/bin/sh -c #(nop)  LABEL org.opencontainers.image.version=24.04",
        "/bin/sh -c #(nop)  ARG RELEASE",
    )
    assert added(ubuntu) == ()


def test_an_add_after_the_base_layer_is_found():
    built = history(
        "ADD https://example.org/x.tgz /opt/ # buildkit", "ADD alpine.tar.gz / # buildkit"
    )
    assert added(built) == ("ADD https://example.org/x.tgz /opt/",)


def test_a_second_add_to_the_root_directory_is_found():
    built = history("ADD overlay.tar / # buildkit", "ADD alpine.tar.gz / # buildkit")
    assert added(built) == ("ADD overlay.tar /",)


@pytest.mark.parametrize(
    "created_by",
    [
        "/bin/sh -c #(nop)  ENV ADDRESS=ADD",
        "RUN /bin/sh -c echo ADD # buildkit",
        "COPY ADDRESSES /srv/ADD # buildkit",
    ],
)
def test_a_word_that_looks_like_add_is_none(created_by):
    assert added(history(created_by, "ADD alpine.tar.gz / # buildkit")) == ()


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -c apt-get update",
        "RUN /bin/sh -c apt-get update # buildkit",
        "|1 PROXY=x /bin/sh -c apt-get update",
        "/bin/sh -c apt-get -y -o Acquire::Retries=3 update && rm -rf /tmp/x",
        "/bin/sh -c DEBIAN_FRONTEND=noninteractive /usr/bin/apt update",
        '/bin/sh -c bash -c "apt-get update"',
        "/bin/sh -c apk update",
        "/bin/sh -c apk --root /mnt update",
        "/bin/sh -c yum makecache",
        "/bin/sh -c dnf -q check-update || true",
    ],
)
def test_finds_package_lists_fetched_alone(command):
    assert len(lone_updates(history(command))) == 1


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -c apt-get update && apt-get install -y curl",
        "/bin/sh -c set -eux; apt-get update; apt-get -qq upgrade",
        "/bin/sh -c apk update && apk add --no-cache curl",
        "/bin/sh -c yum makecache && yum -y install curl",
        "/bin/sh -c yum -y update",
        "/bin/sh -c update-ca-certificates",
        "/bin/sh -c git submodule update",
        "/bin/sh -c apt-get install -y update-notifier",
        "/bin/sh -c #(nop) COPY file:apt-get in update",
        "/bin/sh -c apt-get",
    ],
)
def test_other_commands_are_no_lone_update(command):
    assert lone_updates(history(command)) == ()


def test_a_long_hostile_command_is_read_in_linear_time():
    assert lone_updates(history("apt-get " + "-o " * 200_000 + "\n" + "(" * 200_000)) == ()
