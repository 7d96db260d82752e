from dataclasses import replace

import pytest

from scans.checks.core.namespaces import (
    Kind,
    remaps_by_default,
    root_outside,
    sharing_container,
    uses_host,
)
from scans.facts import Container, NamespaceModes
from tests.factories import (
    HOST_NAMESPACES,
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    kernel,
    process,
    without_process,
)


def unread(name: str, mode: str = "", container_id: str = "") -> Container:
    """A container whose process was not read, with a declared pid mode."""
    modes = NamespaceModes(pid=mode)
    return without_process(container(name, id=container_id or name * 64, namespaces=modes))


def in_host(kind: str) -> Container:
    own = process().namespaces
    return container(
        "h", id="h" * 64, process=process(namespaces=own | {kind: HOST_NAMESPACES[kind]})
    )


def answer(subject: Container, *others: Container, kind: Kind = "pid") -> bool | None:
    return uses_host(subject, kind, facts(containers=(subject, *others)))[0]


@pytest.mark.parametrize("kind", ["net", "pid", "ipc", "uts"])
def test_a_process_in_the_host_s_namespace_uses_the_host_s(kind: Kind) -> None:
    assert answer(in_host(kind), kind=kind) is True


@pytest.mark.parametrize("kind", ["net", "pid", "ipc", "uts"])
def test_a_process_in_another_namespace_does_not(kind: Kind) -> None:
    assert answer(container(), kind=kind) is False


def test_the_process_decides_over_the_declaration_and_both_are_shown() -> None:
    declared_private = in_host("pid")
    host, evidence = uses_host(declared_private, "pid", facts(containers=(declared_private,)))
    assert host is True
    assert [(e.source, e.observed) for e in evidence] == [
        ("/proc/4242/ns/pid", HOST_NAMESPACES["pid"]),
        ("docker inspect: HostConfig.PidMode", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("net", NamespaceModes(network="host")),
        ("pid", NamespaceModes(pid="host")),
        ("ipc", NamespaceModes(ipc="host")),
        ("uts", NamespaceModes(uts="host")),
        ("user", NamespaceModes(user="host")),
    ],
)
def test_without_a_process_the_declared_mode_host_decides(
    kind: Kind, modes: NamespaceModes
) -> None:
    subject = without_process(container(namespaces=modes))
    assert answer(subject, kind=kind) is True


@pytest.mark.parametrize("mode", ["", "private", "shareable", "none"])
def test_without_a_process_a_namespace_of_its_own_is_not_the_host_s(mode: str) -> None:
    assert answer(unread("a", mode)) is False


def test_without_the_kernel_s_namespaces_the_declared_mode_decides() -> None:
    subject = container(namespaces=NamespaceModes(pid="host"))
    assert uses_host(subject, "pid", facts(kernel=None, containers=(subject,)))[0] is True
    assert uses_host(subject, "pid", facts(kernel=kernel(namespaces={}), containers=(subject,)))[0]


def test_attachment_to_the_network_host_is_the_host_s_network() -> None:
    subject = without_process(
        container(namespaces=NamespaceModes(network="default"), networks=("host",))
    )
    assert answer(subject, kind="net") is True


def test_a_namespace_given_by_its_path_cannot_be_told() -> None:
    assert answer(unread("a", "ns:/proc/1/ns/pid")) is None


@pytest.mark.parametrize("reference", ["b" * 64, "b" * 12, "b", "/b"])
def test_follows_a_container_by_id_abbreviated_id_or_name(reference: str) -> None:
    joined = unread("b", "host")
    assert answer(unread("a", f"container:{reference}"), joined) is True


def test_follows_a_chain_of_containers_to_its_end() -> None:
    chain = (unread("b", "container:c"), unread("c", "container:h"), in_host("pid"))
    assert answer(unread("a", "container:b"), *chain) is True


def test_every_container_of_a_chain_is_shown() -> None:
    subject = unread("a", "container:b")
    host = facts(containers=(subject, unread("b", "host")))
    assert [(e.source, e.observed) for e in uses_host(subject, "pid", host)[1]] == [
        ("docker inspect: HostConfig.PidMode", "container:b"),
        ("docker inspect b: HostConfig.PidMode", "host"),
    ]


def test_a_chain_that_ends_in_a_private_namespace_is_not_the_host_s() -> None:
    assert answer(unread("a", "container:b"), unread("b", "private")) is False


def test_a_loop_of_containers_cannot_be_told() -> None:
    assert answer(unread("a", "container:b"), unread("b", "container:a")) is None


def test_a_container_that_joins_itself_cannot_be_told() -> None:
    assert answer(unread("a", "container:a")) is None


def test_a_reference_to_a_container_that_is_not_there_cannot_be_told() -> None:
    assert answer(unread("a", "container:gone")) is None
    assert answer(unread("a", "container:")) is None


def test_an_ambiguous_abbreviated_id_cannot_be_told() -> None:
    first, second = unread("x", "", "b1"), unread("y", "host", "b2")
    assert answer(unread("a", "container:b"), first, second) is None


def test_the_default_user_namespace_is_the_host_s_without_remapping() -> None:
    assert answer(without_process(container()), kind="user") is True


@pytest.mark.parametrize("field", ["userns_remap", "rootless"])
def test_the_default_user_namespace_is_not_the_host_s_with_remapping(field: str) -> None:
    subject = without_process(container())
    host = facts(engine=engine(**{field: True}), containers=(subject,))
    assert uses_host(subject, "user", host)[0] is False


def test_opting_out_of_a_remapping_engine_is_the_host_s_user_namespace() -> None:
    subject = without_process(container(namespaces=NamespaceModes(user="host")))
    host = facts(engine=engine(userns_remap=True), containers=(subject,))
    assert uses_host(subject, "user", host)[0] is True


def test_the_host_mode_of_a_rootless_engine_is_not_the_host_s_user_namespace() -> None:
    subject = without_process(container(namespaces=NamespaceModes(user="host")))
    host = facts(engine=engine(rootless=True), containers=(subject,))
    assert uses_host(subject, "user", host)[0] is False


def test_the_user_namespace_cannot_be_told_without_engine_and_daemon() -> None:
    subject = without_process(container())
    host = facts(engine=None, daemon=None, containers=(subject,))
    assert uses_host(subject, "user", host)[0] is None


def test_sharing_names_the_container_at_the_end_of_the_chain() -> None:
    subject, middle, end = unread("a", "container:b"), unread("b", "container:c"), unread("c")
    host = facts(containers=(subject, middle, end))
    assert sharing_container(subject, "pid", host) == end


def test_sharing_ends_where_the_chain_is_lost() -> None:
    subject, middle = unread("a", "container:b"), unread("b", "container:gone")
    host = facts(containers=(subject, middle))
    assert sharing_container(subject, "pid", host) == middle


@pytest.mark.parametrize("mode", ["", "host", "container:gone"])
def test_sharing_is_none_without_another_known_container(mode: str) -> None:
    subject = unread("a", mode)
    assert sharing_container(subject, "pid", facts(containers=(subject,))) is None


def test_the_running_engine_decides_about_remapping_over_its_configuration() -> None:
    host = facts(daemon=daemon({"userns-remap": "default"}), engine=engine(userns_remap=False))
    assert remaps_by_default(host)[0] is False


def test_without_the_engine_s_word_the_daemon_s_setting_tells_of_remapping() -> None:
    assert remaps_by_default(facts(engine=None, daemon=daemon({"userns-remap": "x"})))[0] is True
    assert remaps_by_default(facts(engine=None, daemon=daemon({"userns-remap": ""})))[0] is False


def test_a_daemon_that_does_not_run_as_root_remaps() -> None:
    assert remaps_by_default(facts(engine=None, daemon=daemon(uid=1000)))[0] is True


def test_a_daemon_whose_user_was_not_read_leaves_remapping_open() -> None:
    assert remaps_by_default(facts(engine=None, daemon=daemon(uid=None)))[0] is None


def test_the_command_line_tells_of_remapping() -> None:
    by_argv = replace(daemon(), settings=(argv_setting("userns-remap", "default"),))
    remapped, evidence = remaps_by_default(facts(engine=None, daemon=by_argv))
    assert (remapped, evidence[-1].source) == (True, "/proc/400/cmdline: userns-remap")


def test_a_command_line_that_was_not_read_leaves_remapping_open() -> None:
    assert remaps_by_default(facts(engine=None, daemon=daemon(argv=())))[0] is None


@pytest.mark.parametrize(
    ("uid_map", "root"),
    [
        (((0, 0, 4294967295),), 0),
        (((0, 100000, 65536),), 100000),
        (((1, 100000, 65536), (0, 1000, 1)), 1000),
        (((1000, 1000, 1),), None),
        (None, None),
    ],
)
def test_finds_who_root_of_a_user_namespace_is_outside(
    uid_map: tuple[tuple[int, int, int], ...] | None, root: int | None
) -> None:
    assert root_outside(process(uid_map=uid_map)) == root
