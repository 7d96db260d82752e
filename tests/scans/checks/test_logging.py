from dataclasses import replace

import pytest

from scans.checks import logging  # noqa: F401 - registers the checks
from scans.facts import FileStat
from tests.factories import argv_setting, container, daemon, engine, facts
from tests.scans.checks.judge import judge, verdict

# daemon-log-level


def test_the_default_level_passes():
    assert judge("daemon-log-level", facts()).status == "pass"


@pytest.mark.parametrize("level", ["info", "INFO"])
def test_level_info_passes(level):
    assert judge("daemon-log-level", facts(daemon=daemon({"log-level": level}))).status == "pass"


@pytest.mark.parametrize("level", ["debug", "warn", "error", "fatal", None])
def test_another_level_fails(level):
    assert judge("daemon-log-level", facts(daemon=daemon({"log-level": level}))).status == "fail"


def test_a_level_on_the_command_line_counts():
    config = replace(daemon(), settings=(argv_setting("log-level", "debug"),))
    assert judge("daemon-log-level", facts(daemon=config)).status == "fail"


def test_the_debug_switch_overrides_the_level():
    config = daemon({"debug": True, "log-level": "info"})
    assert judge("daemon-log-level", facts(daemon=config)).status == "fail"


def test_the_level_is_unknown_while_the_command_line_is():
    assert judge("daemon-log-level", facts(daemon=daemon(argv=()))).status == "unknown"


def test_podman_has_no_daemon_that_logs():
    host = facts(engine=engine(name="podman"), daemon=None)
    assert judge("daemon-log-level", host).status == "not_applicable"
    assert judge("daemon-log-driver", host).status == "not_applicable"


# daemon-log-driver


def logging_with(driver, options=None, **sections):
    config = daemon({"log-opts": options} if options is not None else {})
    return facts(**({"engine": engine(logging_driver=driver), "daemon": config} | sections))


@pytest.mark.parametrize("driver", ["gelf", "fluentd", "splunk", "awslogs", "gcplogs"])
def test_a_driver_that_ships_logs_passes(driver):
    assert judge("daemon-log-driver", logging_with(driver)).status == "pass"


@pytest.mark.parametrize("driver", ["json-file", "local", "none"])
def test_a_driver_that_keeps_logs_on_the_host_fails(driver):
    assert judge("daemon-log-driver", logging_with(driver)).status == "fail"


def test_journald_fails_and_says_that_the_journal_must_be_forwarded():
    result = judge("daemon-log-driver", logging_with("journald"))
    assert result.status == "fail"
    assert "forwarded" in verdict(result, "daemon").message


@pytest.mark.parametrize(
    "address", ["tcp+tls://logs.example:6514", "udp://10.0.0.9:514", "tcp://[fd00::9]:514"]
)
def test_syslog_with_a_remote_address_passes(address):
    host = logging_with("syslog", {"syslog-address": address})
    assert judge("daemon-log-driver", host).status == "pass"


@pytest.mark.parametrize(
    "options",
    [
        None,
        {},
        {"syslog-address": "unix:///dev/log"},
        {"syslog-address": "udp://127.0.0.1:514"},
        {"syslog-address": "tcp+tls://[::1]:6514"},
    ],
)
def test_syslog_without_a_remote_address_fails(options):
    assert judge("daemon-log-driver", logging_with("syslog", options)).status == "fail"


def test_a_syslog_address_on_the_command_line_counts():
    flags = argv_setting("log-opts", ["syslog-address=udp://10.0.0.9:514", "tag=x"])
    host = logging_with("syslog", daemon=replace(daemon(), settings=(flags,)))
    assert judge("daemon-log-driver", host).status == "pass"


def test_syslog_is_unknown_where_its_address_was_not_read():
    assert judge("daemon-log-driver", logging_with("syslog", daemon=None)).status == "unknown"


def test_a_plugins_destination_is_unknown():
    assert judge("daemon-log-driver", logging_with("loki:latest")).status == "unknown"


def test_the_driver_is_unknown_without_the_engine():
    assert judge("daemon-log-driver", facts(engine=None)).status == "unknown"


# container-log-driver


def with_driver(driver, options=None, **sections):
    subject = container(log_driver=driver, log_options=options or {})
    return facts(containers=(subject,), **sections)


def test_a_container_without_logs_fails():
    assert judge("container-log-driver", with_driver("none")).status == "fail"


@pytest.mark.parametrize("driver", ["json-file", "local", "fluentd"])
def test_a_container_with_logs_passes(driver):
    assert judge("container-log-driver", with_driver(driver)).status == "pass"


def test_the_engines_driver_stands_in_where_the_container_names_none():
    host = with_driver("", engine=engine(logging_driver="none"))
    assert judge("container-log-driver", host).status == "fail"


def test_the_driver_is_unknown_where_nothing_names_one():
    host = with_driver("", engine=None)
    assert judge("container-log-driver", host).status == "unknown"
    assert judge("container-log-rotation", host).status == "unknown"


def test_log_drivers_are_unknown_without_containers():
    assert judge("container-log-driver", facts(containers=None)).status == "unknown"


# container-log-rotation


@pytest.mark.parametrize("size", ["10m", "1g", "100"])
def test_a_log_with_a_limit_passes(size):
    assert judge("container-log-rotation", with_driver("json-file", {"max-size": size})).status == (
        "pass"
    )


@pytest.mark.parametrize("options", [{}, {"max-size": "-1"}, {"max-size": ""}, {"max-file": "3"}])
def test_a_log_without_a_limit_fails(options):
    assert judge("container-log-rotation", with_driver("json-file", options)).status == "fail"


def test_the_driver_local_rotates_by_itself():
    assert judge("container-log-rotation", with_driver("local")).status == "pass"


@pytest.mark.parametrize("driver", ["journald", "none", "syslog"])
def test_rotation_does_not_concern_drivers_without_files(driver):
    assert judge("container-log-rotation", with_driver(driver)).status == "not_applicable"


def test_podmans_file_driver_needs_a_limit_too():
    assert judge("container-log-rotation", with_driver("k8s-file")).status == "fail"


# journald-persistent


def journal(kept="file", volatile="absent", **sections):
    stats = (
        FileStat(role="journal", path="/var/log/journal/0a/system.journal", kind=kept),
        FileStat(role="journal-volatile", path="/run/log/journal/0a/system.journal", kind=volatile),
    )
    base = {"files": stats, "engine": engine(logging_driver="journald")}
    return judge("journald-persistent", facts(**base | sections))


def test_a_journal_on_disk_passes():
    assert journal().status == "pass"


def test_a_journal_in_memory_fails_though_an_old_one_is_on_disk():
    assert journal(kept="absent", volatile="file").status == "fail"
    assert journal(kept="file", volatile="file").status == "fail"


def test_a_host_without_a_journal_fails_where_containers_log_to_it():
    assert journal(kept="absent").status == "fail"


def test_one_container_that_logs_to_the_journal_is_enough():
    mixed = (container(), container("db", id="d" * 64, log_driver="journald"))
    assert journal(kept="absent", engine=engine(), containers=mixed).status == "fail"


def test_the_journal_does_not_concern_hosts_that_log_elsewhere():
    assert journal(kept="absent", engine=engine()).status == "not_applicable"


@pytest.mark.parametrize("sections", [{"kept": "unreadable"}, {"volatile": "unreadable"}])
def test_a_journal_that_may_not_be_looked_at_is_unknown(sections):
    assert journal(**sections).status == "unknown"


@pytest.mark.parametrize("section", ["files", "engine", "containers"])
def test_the_journal_is_unknown_without(section):
    assert journal(**{section: None}).status == "unknown"


def test_a_journal_that_nobody_looked_for_is_unknown():
    assert journal(files=()).status == "unknown"
