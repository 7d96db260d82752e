from typing import Any

import pytest

import scans.checks.seccomp  # noqa: F401 - registers its checks
from scans.checks.core.model import Result
from scans.facts import Container
from tests.factories import (
    container,
    daemon,
    engine,
    facts,
    kernel,
    process,
    without_process,
)
from tests.scans.checks.judge import judge, verdict


def listing(*options: str, **fields: Any) -> Any:
    return engine(security_options=options, **fields)


class TestKernelSeccomp:
    def test_passes_when_the_kernel_lists_actions(self) -> None:
        assert judge("kernel-seccomp", facts(engine=None)).status == "pass"

    def test_passes_on_old_kernels_when_the_engine_lists_seccomp(self) -> None:
        host = facts(kernel=kernel(seccomp_actions=None))
        assert judge("kernel-seccomp", host).status == "pass"

    def test_fails_when_neither_kernel_nor_engine_know_it(self) -> None:
        host = facts(kernel=kernel(seccomp_actions=None), engine=listing("name=apparmor"))
        assert judge("kernel-seccomp", host).status == "fail"

    def test_is_unknown_when_the_kernel_was_not_read(self) -> None:
        assert judge("kernel-seccomp", facts(kernel=None, engine=listing())).status == "unknown"
        assert judge("kernel-seccomp", facts(kernel=None, engine=None)).status == "unknown"

    def test_is_unknown_when_a_silent_kernel_has_no_engine_to_tell(self) -> None:
        host = facts(kernel=kernel(seccomp_actions=None), engine=None)
        assert judge("kernel-seccomp", host).status == "unknown"


class TestDaemonSeccompProfile:
    def judge(self, *options: str, **sections: Any) -> Result:
        return judge("daemon-seccomp-profile", facts(engine=listing(*options), **sections))

    @pytest.mark.parametrize("name", ["builtin", "default"])
    def test_the_engine_s_own_profile_passes_under_its_old_and_new_name(self, name: str) -> None:
        assert self.judge(f"name=seccomp,profile={name}").status == "pass"

    def test_fails_when_unconfined(self) -> None:
        assert self.judge("name=seccomp,profile=unconfined").status == "fail"

    def test_fails_when_the_engine_has_no_seccomp(self) -> None:
        assert self.judge("name=apparmor").status == "fail"

    @pytest.mark.parametrize(
        ("action", "status"),
        [
            ("SCMP_ACT_ERRNO", "pass"),
            ("SCMP_ACT_KILL", "pass"),
            ("SCMP_ACT_ALLOW", "fail"),
            ("SCMP_ACT_LOG", "fail"),
        ],
    )
    def test_a_custom_profile_is_judged_by_what_it_does_not_name(
        self, action: str, status: str
    ) -> None:
        profile = {"path": "/etc/docker/seccomp.json", "defaultAction": action}
        result = self.judge(
            "name=seccomp,profile=/etc/docker/seccomp.json", daemon=daemon(seccomp_profile=profile)
        )
        assert result.status == status

    def test_a_custom_profile_that_allows_dangerous_calls_fails(self) -> None:
        profile = {"defaultAction": "SCMP_ACT_ERRNO", "dangerous": ["mount", "unshare"]}
        result = self.judge(
            "name=seccomp,profile=/etc/s.json", daemon=daemon(seccomp_profile=profile)
        )
        assert verdict(result, "daemon").message == (
            "uses the profile /etc/s.json, which allows mount, unshare"
        )

    def test_a_custom_profile_that_was_not_read_is_unknown(self) -> None:
        option = "name=seccomp,profile=/etc/docker/seccomp.json"
        assert self.judge(option).status == "unknown"
        assert self.judge(option, daemon=None).status == "unknown"

    def test_is_unknown_without_the_engine(self) -> None:
        assert judge("daemon-seccomp-profile", facts(engine=None)).status == "unknown"

    def test_does_not_apply_to_podman(self) -> None:
        host = facts(engine=engine(name="podman"))
        assert judge("daemon-seccomp-profile", host).status == "not_applicable"


class TestContainerSeccomp:
    def judge(self, subject: Container, **sections: Any) -> Result:
        return judge("container-seccomp", facts(containers=(subject,), **sections))

    def test_passes_when_the_process_is_filtered(self) -> None:
        assert self.judge(container(process=process(seccomp=2))).status == "pass"

    def test_a_privileged_container_without_a_filter_fails(self) -> None:
        result = self.judge(container(privileged=True, process=process(seccomp=0)))
        assert verdict(result, "web").message == "runs without a filter (--privileged)"

    def test_a_daemon_wide_lack_of_filters_fails(self) -> None:
        unconfined = listing("name=seccomp,profile=unconfined")
        result = self.judge(container(process=process(seccomp=0)), engine=unconfined)
        assert (
            verdict(result, "web").message == "runs without a filter (seccomp-profile=unconfined)"
        )

    def test_a_container_that_asks_for_no_filter_fails(self) -> None:
        subject = container(security_options=("seccomp=unconfined",), process=process(seccomp=0))
        assert self.judge(subject).status == "fail"

    def test_shows_the_contradiction_when_nothing_declared_explains_the_lack(self) -> None:
        found = verdict(self.judge(container(process=process(seccomp=0))), "web")
        assert found.message == "runs without a filter though it does not ask for that"
        assert found.evidence[0].source == "/proc/4242/status: Seccomp"

    def test_a_kernel_without_seccomp_filters_nothing(self) -> None:
        assert self.judge(container(process=process(seccomp=None))).status == "fail"

    def test_the_process_s_own_filter_decides_over_the_declaration(self) -> None:
        subject = container(security_options=("seccomp=unconfined",), process=process(seccomp=2))
        assert self.judge(subject).status == "pass"

    @pytest.mark.parametrize("profile", ["<inline profile>", "/etc/permissive.json"])
    def test_a_filter_from_a_profile_of_its_own_does_not_pass_unread(self, profile: str) -> None:
        subject = container(security_options=(f"seccomp={profile}",))
        assert self.judge(subject).status == "unknown"

    @pytest.mark.parametrize(
        ("profile", "status"),
        [
            ({"defaultAction": "SCMP_ACT_ERRNO", "dangerous": []}, "pass"),
            ({"defaultAction": "SCMP_ACT_ALLOW", "dangerous": []}, "fail"),
            ({"defaultAction": "SCMP_ACT_LOG", "dangerous": []}, "fail"),
            ({"defaultAction": "SCMP_ACT_ERRNO", "dangerous": ["bpf"]}, "fail"),
            ({"defaultAction": "", "dangerous": []}, "unknown"),
        ],
    )
    @pytest.mark.parametrize("state", ["running", "exited"])
    def test_a_filter_from_a_profile_of_its_own_is_judged_by_its_rules(
        self, profile: dict[str, Any], status: str, state: str
    ) -> None:
        options = ("seccomp=<inline profile>",)
        subject = container(
            security_options=options,
            seccomp_profile=profile,
            state=state,
            process=process() if state == "running" else None,
        )
        assert self.judge(subject).status == status

    def test_names_the_dangerous_calls_that_its_own_profile_allows(self) -> None:
        profile = {"defaultAction": "SCMP_ACT_ERRNO", "dangerous": ["bpf", "mount"]}
        subject = container(security_options=("seccomp=<inline profile>",), seccomp_profile=profile)
        assert verdict(self.judge(subject), "web").message == (
            "is filtered by a profile of its own, which allows bpf, mount"
        )

    def test_a_filter_from_a_permissive_profile_of_the_daemon_fails(self) -> None:
        permissive = {"path": "/etc/p.json", "defaultAction": "SCMP_ACT_ALLOW"}
        result = self.judge(container(), daemon=daemon(seccomp_profile=permissive))
        assert result.status == "fail"

    def test_the_engine_s_profile_asked_for_by_name_passes_under_a_permissive_daemon(self) -> None:
        permissive = {"path": "/etc/p.json", "defaultAction": "SCMP_ACT_ALLOW"}
        subject = container(security_options=("seccomp=builtin",))
        assert self.judge(subject, daemon=daemon(seccomp_profile=permissive)).status == "pass"

    @pytest.mark.parametrize(
        "fields",
        [
            {"security_options": ("seccomp=unconfined",)},
            {"security_options": ("seccomp:unconfined",)},
            {"privileged": True},
        ],
    )
    @pytest.mark.parametrize("state", ["running", "exited"])
    def test_without_a_process_a_declared_lack_of_a_filter_fails(
        self, fields: dict[str, Any], state: str
    ) -> None:
        assert self.judge(without_process(container(state=state, **fields))).status == "fail"

    def test_without_a_process_a_running_container_is_unknown(self) -> None:
        assert self.judge(without_process(container())).status == "unknown"

    def test_a_stopped_container_will_get_the_engine_s_filter(self) -> None:
        assert self.judge(without_process(container(state="exited"))).status == "pass"
