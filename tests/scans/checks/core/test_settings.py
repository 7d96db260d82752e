from dataclasses import replace

import pytest

from scans.checks.core.model import NotApplicable, Unreadable
from scans.checks.core.settings import as_list, evidence, require_all_layers, setting_list, value
from scans.facts import ConfigSource, Gap, Setting
from tests.factories import argv_setting, daemon, engine, facts


def with_both(key, in_file, on_command_line):
    config = daemon({key: in_file})
    return replace(config, settings=(*config.settings, argv_setting(key, on_command_line)))


def test_the_command_line_decides_over_the_file():
    found, setting = value(facts(daemon=with_both("icc", True, False)), "icc", default=True)
    assert found is False
    assert setting is not None
    assert setting.source == "/proc/400/cmdline"


def test_the_default_holds_where_no_layer_in_force_sets_the_key():
    next_start = Setting(key="icc", value=False, layer="drop-in", source="/etc/x.conf")
    config = replace(daemon(), settings=(next_start,))
    assert value(facts(daemon=config), "icc", default=True) == (True, None)


def test_no_default_holds_while_the_command_line_is_unread():
    with pytest.raises(Unreadable, match="command line"):
        value(facts(daemon=daemon(argv=())), "icc", default=True)


def test_a_setting_that_was_read_decides_while_the_command_line_is_unread():
    found, _ = value(facts(daemon=daemon({"debug": True}, argv=())), "debug", default=False)
    assert found is True


def test_a_stopped_daemon_has_no_command_line_to_read():
    stopped = facts(daemon=daemon({"icc": False}, running=False, argv=()))
    require_all_layers(stopped)
    assert value(stopped, "icc", default=True)[0] is False


def test_no_default_holds_while_daemon_json_is_broken():
    broken = ConfigSource(
        layer="daemon.json", path="/etc/docker/daemon.json", text="{", problem="line 1: no value"
    )
    with pytest.raises(Unreadable, match=r"daemon\.json could not be read: line 1"):
        require_all_layers(facts(daemon=daemon(sources=(broken,))))


def test_no_default_holds_while_daemon_json_may_not_be_read():
    gap = Gap(section="daemon", reason="Permission denied", subject="/etc/docker/daemon.json")
    with pytest.raises(Unreadable, match=r"/etc/docker/daemon\.json could not be read: Perm"):
        require_all_layers(facts(gaps=(gap,)))


def test_an_unread_certificate_hides_no_setting():
    gap = Gap(section="daemon", reason="Permission denied", subject="/etc/docker/cert.pem")
    host = facts(gaps=(gap,), daemon=daemon({"icc": False}))
    require_all_layers(host)
    assert value(host, "icc", default=True)[0] is False


def test_podman_has_no_daemon_to_be_configured():
    with pytest.raises(NotApplicable):
        value(facts(engine=engine(name="podman")), "icc", default=True)


def test_lists_of_all_layers_in_force_are_shown():
    config = with_both("hosts", ["fd://"], ["tcp://0.0.0.0:2375"])
    assert [row.observed for row in setting_list(facts(daemon=config), "hosts")] == [
        ["tcp://0.0.0.0:2375"],
        ["fd://"],
    ]


def test_a_key_that_nobody_sets_is_an_empty_list():
    (row,) = setting_list(facts(), "hosts")
    assert (row.source, row.observed) == ("dockerd default: hosts", [])


@pytest.mark.parametrize(
    ("entry", "texts"),
    [(["a", 1], ["a", "1"]), ("a", ["a"]), (None, []), (("a",), ["a"])],
)
def test_a_list_is_made_of_whatever_a_file_holds(entry, texts):
    assert as_list(entry) == texts


def test_evidence_names_the_layer_or_the_default():
    row = argv_setting("icc", False)
    assert evidence("icc", False, row, False).source == "/proc/400/cmdline: icc"
    assert evidence("icc", True, None, False).source == "dockerd default: icc"
