from dataclasses import replace
from typing import Any

import pytest

import scans.checks.no_new_privileges  # noqa: F401 - registers its checks
from scans.checks.core.model import Result
from scans.facts import Container, Engine
from tests.factories import (
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    process,
    without_process,
)
from tests.scans.checks.judge import judge, verdict

ROOT = (0, 0, 0, 0)


def judge_containers(check_id: str, *subjects: Container, **sections: Any) -> Result:
    return judge(check_id, facts(containers=subjects, **sections))


OLD_ENGINE = engine(version="20.10.24", api_version="1.41")
"""Does not list no-new-privileges, whether it is on or off."""


class TestDaemonNoNewPrivileges:
    def judge(self, config: dict[str, Any] | None, running: Engine) -> Result:
        return judge("daemon-no-new-privileges", facts(daemon=daemon(config), engine=running))

    def test_passes_when_set(self) -> None:
        assert self.judge({"no-new-privileges": True}, OLD_ENGINE).status == "pass"

    def test_passes_when_the_engine_lists_it(self) -> None:
        listing = engine(security_options=("name=no-new-privileges",))
        assert self.judge(None, listing).status == "pass"

    def test_fails_by_default(self) -> None:
        assert self.judge(None, OLD_ENGINE).status == "fail"
        assert self.judge(None, engine()).status == "fail"

    def test_fails_when_a_new_engine_does_not_list_what_its_file_sets(self) -> None:
        result = self.judge({"no-new-privileges": True}, engine())
        assert result.status == "fail"
        assert [e.source for e in verdict(result, "daemon").evidence] == [
            "docker info: SecurityOptions",
            "/etc/docker/daemon.json: no-new-privileges",
        ]

    def test_the_presence_of_the_key_is_not_its_value(self) -> None:
        assert self.judge({"no-new-privileges": False}, OLD_ENGINE).status == "fail"

    def test_a_flag_given_as_false_fails(self) -> None:
        flag = replace(daemon(), settings=(argv_setting("no-new-privileges", value=False),))
        host = facts(daemon=flag, engine=OLD_ENGINE)
        assert judge("daemon-no-new-privileges", host).status == "fail"

    @pytest.mark.parametrize("version", ["1.41", "", "1.x"])
    def test_is_unknown_when_neither_configuration_nor_engine_tell(self, version: str) -> None:
        host = facts(daemon=None, engine=engine(api_version=version))
        assert judge("daemon-no-new-privileges", host).status == "unknown"

    def test_a_new_engine_decides_without_the_configuration(self) -> None:
        assert judge("daemon-no-new-privileges", facts(daemon=None)).status == "fail"

    def test_does_not_apply_to_podman(self) -> None:
        host = facts(engine=engine(name="podman"))
        assert judge("daemon-no-new-privileges", host).status == "not_applicable"


class TestContainerNoNewPrivileges:
    def judge(self, subject: Container, **sections: Any) -> Result:
        return judge_containers("container-no-new-privileges", subject, **sections)

    def test_passes_when_the_process_has_the_flag(self) -> None:
        assert self.judge(container(process=process(no_new_privileges=True))).status == "pass"

    def test_fails_when_the_process_lacks_it(self) -> None:
        assert self.judge(container(process=process(no_new_privileges=False))).status == "fail"

    def test_fails_when_the_process_lacks_it_whatever_is_declared(self) -> None:
        subject = container(
            process=process(no_new_privileges=False), security_options=("no-new-privileges:true",)
        )
        found = verdict(self.judge(subject), "web")
        assert found.status == "fail"
        assert "declares otherwise" in found.message

    @pytest.mark.parametrize(
        ("option", "status"),
        [
            ("no-new-privileges", "pass"),
            ("no-new-privileges:true", "pass"),
            ("no-new-privileges=true", "pass"),
            ("no-new-privileges:false", "fail"),
            ("no-new-privileges=false", "fail"),
        ],
    )
    def test_without_the_process_the_option_s_value_decides(self, option: str, status: str) -> None:
        subject = without_process(container(security_options=(option,)))
        assert self.judge(subject).status == status

    def test_an_option_beats_the_daemon_s_default(self) -> None:
        subject = without_process(container(security_options=("no-new-privileges:false",)))
        listing = engine(security_options=("name=no-new-privileges",))
        assert self.judge(subject, engine=listing).status == "fail"

    def test_without_an_option_the_daemon_s_default_decides(self) -> None:
        subject = without_process(container())
        on, off = daemon({"no-new-privileges": True}), daemon({"no-new-privileges": False})
        assert self.judge(subject, daemon=on, engine=OLD_ENGINE).status == "pass"
        assert self.judge(subject, daemon=off, engine=OLD_ENGINE).status == "fail"

    def test_without_an_option_a_new_engine_s_list_decides(self) -> None:
        assert self.judge(without_process(container()), daemon=None).status == "fail"

    def test_without_option_and_configuration_it_is_unknown(self) -> None:
        subject = without_process(container())
        assert self.judge(subject, daemon=None, engine=OLD_ENGINE).status == "unknown"

    def test_podman_has_no_default_that_could_help(self) -> None:
        subject = without_process(container())
        assert self.judge(subject, engine=engine(name="podman")).status == "fail"
