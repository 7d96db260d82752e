from dataclasses import replace
from typing import Any

import pytest

import scans.checks.cgroups  # noqa: F401 - registers its checks
from scans.checks.core.model import Result
from scans.facts import Container, RestartPolicy, Service, Swarm, Ulimit
from tests.factories import (
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    kernel,
    process,
    resources,
    without_process,
)
from tests.scans.checks.judge import judge, verdict


def judge_container(check_id: str, subject: Container, **sections: Any) -> Result:
    return judge(check_id, facts(containers=(subject,), **sections))


def limited(**fields: Any) -> Container:
    return container(resources=resources(**fields))


LIMITS = [
    ("container-memory-limit", {"memory": 64 << 20}),
    ("container-cpu-limit", {"nano_cpus": 10**9}),
    ("container-pids-limit", {"pids": 100}),
]
"""Each check of a limit with a declaration that sets it."""


class TestLimits:
    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_passes_with_a_limit(self, check_id: str, given: dict[str, Any]) -> None:
        assert judge_container(check_id, limited(**given)).status == "pass"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_fails_without_one_also_for_a_stopped_container(
        self, check_id: str, given: dict[str, Any]
    ) -> None:
        assert judge_container(check_id, limited()).status == "fail"
        stopped = without_process(container(state="exited"))
        assert judge_container(check_id, stopped).status == "fail"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_is_unknown_when_a_cgroup_parent_may_limit(
        self, check_id: str, given: dict[str, Any]
    ) -> None:
        below = limited(cgroup_parent="/ecs/task")
        assert judge_container(check_id, below).status == "unknown"
        config = daemon({"cgroup-parent": "capped.slice"})
        assert judge_container(check_id, limited(), daemon=config).status == "unknown"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    @pytest.mark.parametrize("parent", ["system.slice", "machine.slice", "/libpod_parent"])
    def test_the_engine_s_default_parent_limits_nothing(
        self, check_id: str, given: dict[str, Any], parent: str
    ) -> None:
        assert judge_container(check_id, limited(cgroup_parent=parent)).status == "fail"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_fails_when_a_rootless_engine_without_cgroups_ignores_the_limit(
        self, check_id: str, given: dict[str, Any]
    ) -> None:
        ignoring = engine(rootless=True, cgroup_driver="none")
        assert judge_container(check_id, limited(**given), engine=ignoring).status == "fail"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_is_unknown_when_the_containers_were_not_read(
        self, check_id: str, given: dict[str, Any]
    ) -> None:
        assert judge(check_id, facts(containers=None)).status == "unknown"

    @pytest.mark.parametrize(("check_id", "given"), LIMITS)
    def test_a_declared_limit_passes_without_the_engine_s_word(
        self, check_id: str, given: dict[str, Any]
    ) -> None:
        assert judge_container(check_id, limited(**given), engine=None).status == "pass"


class TestMemoryLimit:
    def test_passes_with_an_effective_limit_that_is_not_declared(self) -> None:
        subject = container(process=process(memory_max=1 << 30))
        assert judge_container("container-memory-limit", subject).status == "pass"

    def test_fails_when_the_kernel_can_t_enforce_the_limit(self) -> None:
        warned = engine(warnings=("WARNING: No memory limit support",))
        result = judge_container("container-memory-limit", limited(memory=1 << 20), engine=warned)
        assert result.status == "fail"

    def test_another_warning_does_not_matter(self) -> None:
        warned = engine(warnings=("WARNING: No swap limit support",))
        result = judge_container("container-memory-limit", limited(memory=1 << 20), engine=warned)
        assert result.status == "pass"


class TestCpuLimit:
    @pytest.mark.parametrize(
        "given",
        [{"cpu_shares": 512}, {"cpu_quota": 50000}, {"nano_cpus": 5 * 10**8}, {"cpuset": "0-1"}],
    )
    def test_any_kind_of_limit_passes(self, given: dict[str, Any]) -> None:
        assert judge_container("container-cpu-limit", limited(**given)).status == "pass"

    @pytest.mark.parametrize("given", [{"cpu_shares": 1024}, {"cpu_quota": -1}])
    def test_the_default_said_aloud_is_no_limit(self, given: dict[str, Any]) -> None:
        assert judge_container("container-cpu-limit", limited(**given)).status == "fail"


class TestPidsLimit:
    @pytest.mark.parametrize("pids", [0, None, -1])
    def test_every_spelling_of_unlimited_fails(self, pids: int | None) -> None:
        assert judge_container("container-pids-limit", limited(pids=pids)).status == "fail"

    def test_passes_with_an_effective_limit_that_is_not_declared(self) -> None:
        subject = container(process=process(pids_max=4915))
        assert judge_container("container-pids-limit", subject).status == "pass"


class TestRestartPolicy:
    def judge(self, name: str, retries: int = 0) -> Result:
        subject = container(restart=RestartPolicy(name=name, max_retries=retries))
        return judge_container("container-restart-policy", subject)

    @pytest.mark.parametrize(("name", "retries"), [("no", 0), ("", 0), ("on-failure", 5)])
    def test_passes_when_restarts_end(self, name: str, retries: int) -> None:
        assert self.judge(name, retries).status == "pass"

    @pytest.mark.parametrize("name", ["always", "unless-stopped"])
    def test_fails_for_policies_that_have_no_count(self, name: str) -> None:
        assert self.judge(name).status == "fail"

    @pytest.mark.parametrize("retries", [0, 6])
    def test_on_failure_without_or_above_the_count_fails(self, retries: int) -> None:
        assert self.judge("on-failure", retries).status == "fail"

    def judge_service(self, condition: str, attempts: int, **fields: Any) -> Result:
        service = Service(
            name="shop_web",
            image="app",
            mode="replicated",
            restart_condition=condition,
            restart_max_attempts=attempts,
            labels={},
        )
        subject = container(swarm_service="shop_web", **fields)
        swarm = Swarm(manager=True, services=(service,))
        return judge_container("container-restart-policy", subject, swarm=swarm)

    @pytest.mark.parametrize(
        ("condition", "attempts", "status"),
        [
            ("none", 0, "pass"),
            ("on-failure", 3, "pass"),
            ("any", 5, "pass"),
            ("any", 0, "fail"),
            ("on-failure", 0, "fail"),
            ("on-failure", 50, "fail"),
        ],
    )
    def test_a_swarm_task_is_judged_by_its_service(
        self, condition: str, attempts: int, status: str
    ) -> None:
        assert self.judge_service(condition, attempts).status == status

    def test_the_idle_policy_of_a_task_does_not_overwrite_its_service_s(self) -> None:
        task_policy = RestartPolicy(name="always")
        assert self.judge_service("on-failure", 3, restart=task_policy).status == "pass"

    def test_a_task_whose_service_was_not_read_is_unknown(self) -> None:
        subject = container(swarm_service="shop_web")
        assert judge_container("container-restart-policy", subject).status == "unknown"


class TestDefaultUlimits:
    def judge(self, value: Any) -> Result:
        return judge("daemon-default-ulimits", facts(daemon=daemon({"default-ulimits": value})))

    def test_passes_with_a_finite_default(self) -> None:
        nofile = {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 4096}}
        assert self.judge(nofile).status == "pass"

    @pytest.mark.parametrize("flag", ["nofile=1024:4096", "nproc=512"])
    def test_passes_with_a_flag(self, flag: str) -> None:
        config = replace(daemon(), settings=(argv_setting("default-ulimits", [flag]),))
        assert judge("daemon-default-ulimits", facts(daemon=config)).status == "pass"

    def test_fails_by_default(self) -> None:
        assert judge("daemon-default-ulimits", facts()).status == "fail"

    @pytest.mark.parametrize(
        "value",
        [
            None,
            {},
            {"nofile": {"Name": "nofile", "Soft": -1, "Hard": -1}},
            {"memlock": {"Name": "memlock", "Soft": 1, "Hard": 1}},
            {"nofile": "x"},
            ["nofile"],
        ],
    )
    def test_the_presence_of_the_key_is_no_limit(self, value: Any) -> None:
        assert self.judge(value).status == "fail"

    def test_is_unknown_when_the_configuration_was_not_read(self) -> None:
        assert judge("daemon-default-ulimits", facts(daemon=None)).status == "unknown"


class TestContainerUlimits:
    def judge(self, *limits: tuple[str, int], **sections: Any) -> Result:
        own = tuple(Ulimit(name=name, soft=hard, hard=hard) for name, hard in limits)
        return judge_container("container-ulimits", limited(ulimits=own), **sections)

    DEFAULT = daemon({"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1, "Hard": 4096}}})

    def test_passes_when_it_keeps_the_default(self) -> None:
        assert self.judge().status == "pass"

    def test_passes_below_the_default(self) -> None:
        assert self.judge(("nofile", 4096), daemon=self.DEFAULT).status == "pass"

    def test_fails_above_the_default(self) -> None:
        result = self.judge(("nofile", 4097), daemon=self.DEFAULT)
        assert verdict(result, "web").message == "raises nofile above the daemon's default"

    @pytest.mark.parametrize("name", ["nofile", "nproc", "RLIMIT_NPROC"])
    def test_fails_without_a_limit(self, name: str) -> None:
        assert self.judge((name, -1)).status == "fail"

    def test_a_finite_limit_passes_where_there_is_no_default(self) -> None:
        assert self.judge(("nofile", 1 << 20)).status == "pass"

    def test_other_limits_are_the_container_s_own_business(self) -> None:
        assert self.judge(("memlock", -1)).status == "pass"

    def test_is_unknown_when_the_default_was_not_read(self) -> None:
        assert self.judge(("nofile", 4096), daemon=None).status == "unknown"

    def test_podman_has_no_default_to_exceed(self) -> None:
        assert self.judge(("nofile", 4096), engine=engine(name="podman")).status == "pass"


class TestCgroupParent:
    def judge(self, parent: str) -> Result:
        return judge_container("container-cgroup-parent", limited(cgroup_parent=parent))

    def test_passes_below_the_engine_s_own(self) -> None:
        assert self.judge("").status == "pass"

    @pytest.mark.parametrize(
        "parent",
        [
            "/kubepods/burstable/pod1",
            "kubepods-besteffort.slice",
            "/ecs/task",
            "system.slice",
            "app.slice",
            "machine.slice",
        ],
    )
    def test_orchestrators_and_systemd_slices_pass(self, parent: str) -> None:
        assert self.judge(parent).status == "pass"

    @pytest.mark.parametrize("parent", ["/", "/custom", "-.slice", "/kubepodsx"])
    def test_any_other_parent_fails(self, parent: str) -> None:
        assert self.judge(parent).status == "fail"

    def test_shows_the_cgroup_of_the_process(self) -> None:
        placed = container(process=process(cgroup="/docker/abc"))
        result = judge_container("container-cgroup-parent", placed)
        assert verdict(result, "web").evidence[0].observed == "/docker/abc"

    def test_is_unknown_when_the_containers_were_not_read(self) -> None:
        assert judge("container-cgroup-parent", facts(containers=None)).status == "unknown"


class TestDaemonCgroupParent:
    def judge(self, parent: str) -> Result:
        return judge("daemon-cgroup-parent", facts(daemon=daemon({"cgroup-parent": parent})))

    def test_passes_by_default(self) -> None:
        assert judge("daemon-cgroup-parent", facts()).status == "pass"

    @pytest.mark.parametrize("parent", ["", "/docker", "system.slice"])
    def test_passes_when_the_default_is_said_aloud(self, parent: str) -> None:
        assert self.judge(parent).status == "pass"

    def test_a_parent_set_in_daemon_json_fails(self) -> None:
        assert self.judge("/custom").status == "fail"

    def test_is_unknown_when_the_configuration_was_not_read(self) -> None:
        assert judge("daemon-cgroup-parent", facts(daemon=None)).status == "unknown"


class TestOomKiller:
    V1 = kernel(cgroup_version=1)

    def judge(self, **fields: Any) -> Result:
        return judge_container("container-oom-killer", limited(**fields), kernel=self.V1)

    def test_passes_when_the_killer_is_on(self) -> None:
        assert self.judge().status == "pass"

    def test_fails_without_a_memory_limit(self) -> None:
        message = verdict(self.judge(oom_kill_disabled=True), "web").message
        assert "starve the host" in message

    def test_fails_with_a_memory_limit_too(self) -> None:
        result = self.judge(oom_kill_disabled=True, memory=1 << 20)
        assert result.status == "fail"
        assert "hangs" in verdict(result, "web").message

    def test_passes_on_cgroup_v2_which_ignores_it(self) -> None:
        subject = limited(oom_kill_disabled=True)
        assert judge_container("container-oom-killer", subject).status == "pass"

    def test_fails_where_the_cgroup_version_is_not_known(self) -> None:
        subject = limited(oom_kill_disabled=True)
        result = judge_container("container-oom-killer", subject, kernel=None, engine=None)
        assert result.status == "fail"

    def test_is_unknown_when_the_containers_were_not_read(self) -> None:
        assert judge("container-oom-killer", facts(containers=None)).status == "unknown"


class TestHostCgroupV2:
    @pytest.mark.parametrize(("version", "status"), [(2, "pass"), (1, "fail")])
    def test_the_mounted_hierarchy_decides(self, version: int, status: str) -> None:
        host = facts(kernel=kernel(cgroup_version=version))
        assert judge("host-cgroup-v2", host).status == status

    @pytest.mark.parametrize(("version", "status"), [("2", "pass"), ("1", "fail")])
    def test_without_it_the_engine_tells(self, version: str, status: str) -> None:
        host = facts(kernel=None, engine=engine(cgroup_version=version))
        assert judge("host-cgroup-v2", host).status == status

    def test_is_unknown_when_neither_tells(self) -> None:
        assert judge("host-cgroup-v2", facts(kernel=None, engine=None)).status == "unknown"
        silent = facts(kernel=kernel(cgroup_version=None), engine=None)
        assert judge("host-cgroup-v2", silent).status == "unknown"
