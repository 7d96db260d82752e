import pytest

import scans.checks.mac  # noqa: F401 - registers its checks
from scans.checks.core.model import Result
from scans.facts import Container, Facts, Gap, Lsm
from tests.factories import container, daemon, engine, facts, process, without_process
from tests.scans.checks.judge import judge, verdict

SELINUX_LABEL = "system_u:system_r:container_t:s0:c17,c201"


def lsm(selinux: str = "absent", *, apparmor: bool = False) -> Lsm:
    return Lsm(apparmor_enabled=apparmor, selinux=selinux)  # type: ignore[arg-type]


def labelled(label: str | None, **fields: object) -> Container:
    return container(process=process(lsm_label=label), **fields)


def on_apparmor(*subjects: Container) -> Result:
    return judge("container-lsm", facts(containers=subjects))


def on_selinux(*subjects: Container) -> Result:
    return judge("container-lsm", facts(lsm=lsm("enforcing"), containers=subjects))


class TestHostLsm:
    def test_passes_with_apparmor(self) -> None:
        assert judge("host-lsm", facts(lsm=lsm(apparmor=True))).status == "pass"

    def test_passes_with_enforcing_selinux_and_does_not_want_apparmor_too(self) -> None:
        assert judge("host-lsm", facts(lsm=lsm("enforcing"))).status == "pass"

    @pytest.mark.parametrize("selinux", ["permissive", "disabled", "absent"])
    def test_fails_when_nothing_is_enforced(self, selinux: str) -> None:
        assert judge("host-lsm", facts(lsm=lsm(selinux))).status == "fail"

    def test_says_that_permissive_selinux_only_logs(self) -> None:
        result = judge("host-lsm", facts(lsm=lsm("permissive")))
        assert "permissive" in verdict(result, "host").message

    def test_without_the_host_s_word_the_engine_tells_of_apparmor(self) -> None:
        assert judge("host-lsm", facts(lsm=None)).status == "pass"

    def test_the_engine_does_not_tell_whether_selinux_enforces(self) -> None:
        host = facts(lsm=None, engine=engine(security_options=("name=selinux",)))
        assert judge("host-lsm", host).status == "unknown"

    def test_is_unknown_for_the_reason_of_the_gap(self) -> None:
        gap = Gap(section="lsm", reason="permission denied")
        result = judge("host-lsm", facts(lsm=None, engine=None, gaps=(gap,)))
        assert (result.status, result.reason) == (
            "unknown",
            "the kernel's LSM could not be read: permission denied",
        )


class TestContainerLsm:
    @pytest.mark.parametrize("label", ["docker-default (enforce)", "my profile (enforce)"])
    def test_passes_with_an_enforced_apparmor_profile(self, label: str) -> None:
        assert on_apparmor(labelled(label)).status == "pass"

    @pytest.mark.parametrize(
        "label", ["unconfined", "docker-default (complain)", "mine (unconfined)"]
    )
    def test_fails_when_the_process_is_not_confined_by_apparmor(self, label: str) -> None:
        assert on_apparmor(labelled(label)).status == "fail"

    def test_passes_on_selinux_hosts_without_an_apparmor_profile(self) -> None:
        subject = labelled(SELINUX_LABEL, apparmor_profile="", process_label=SELINUX_LABEL)
        assert on_selinux(subject).status == "pass"

    @pytest.mark.parametrize("domain", ["spc_t", "unconfined_t", "container_runtime_t"])
    def test_fails_in_a_domain_that_confines_nothing(self, domain: str) -> None:
        assert on_selinux(labelled(f"system_u:system_r:{domain}:s0")).status == "fail"

    def test_any_security_option_is_no_proof_of_selinux(self) -> None:
        subject = labelled(
            "system_u:system_r:spc_t:s0", security_options=("seccomp=unconfined", "label=disable")
        )
        assert on_selinux(subject).status == "fail"

    def test_the_process_decides_over_the_declared_profile(self) -> None:
        result = on_apparmor(labelled("unconfined", apparmor_profile="docker-default"))
        found = verdict(result, "web")
        assert found.status == "fail"
        assert "does not ask for it" in found.message
        assert [(e.source, e.observed) for e in found.evidence][:2] == [
            ("/proc/4242/attr/current", "unconfined"),
            ("docker inspect: AppArmorProfile", "docker-default"),
        ]

    def test_a_confined_process_passes_whatever_is_declared(self) -> None:
        subject = labelled("mine (enforce)", security_options=("apparmor=unconfined",))
        assert on_apparmor(subject).status == "pass"

    @pytest.mark.parametrize(
        "fields",
        [
            {"apparmor_profile": "unconfined"},
            {"security_options": ("apparmor=unconfined",)},
            {"security_options": ("apparmor:unconfined",)},
            {"security_options": ("label=disable",)},
            {"security_options": ("label:disable",)},
            {"security_options": ("label=type:spc_t",)},
            {"privileged": True},
        ],
    )
    def test_without_a_label_a_declared_lack_of_confinement_fails(
        self, fields: dict[str, object]
    ) -> None:
        assert on_apparmor(without_process(container(**fields))).status == "fail"
        assert on_apparmor(labelled(None, **fields)).status == "fail"

    def test_without_a_label_a_declared_profile_is_no_proof(self) -> None:
        assert on_apparmor(without_process(container())).status == "unknown"

    def test_a_declared_level_takes_no_confinement_away(self) -> None:
        subject = container(security_options=("label=level:s0:c1,c2",))
        assert on_apparmor(without_process(subject)).status == "unknown"

    def test_a_privileged_container_may_declare_a_profile(self) -> None:
        subject = container(
            privileged=True, apparmor_profile="mine", security_options=("apparmor=mine",)
        )
        assert on_apparmor(without_process(subject)).status == "unknown"

    @pytest.mark.parametrize("selinux", ["absent", "disabled", "permissive"])
    def test_does_not_apply_where_the_kernel_enforces_nothing(self, selinux: str) -> None:
        host = facts(lsm=lsm(selinux), containers=(labelled("unconfined"),))
        assert judge("container-lsm", host).status == "not_applicable"

    def test_does_not_apply_to_containers_that_do_not_run(self) -> None:
        stopped = without_process(container(state="exited", apparmor_profile="unconfined"))
        assert on_apparmor(stopped).status == "not_applicable"

    def test_is_unknown_when_the_lsm_was_not_read(self) -> None:
        host = facts(lsm=None, engine=None, containers=(container(),))
        assert judge("container-lsm", host).status == "unknown"


class TestDaemonSelinux:
    def selinux_host(self, *options: str, **sections: object) -> Facts:
        return facts(lsm=lsm("enforcing"), engine=engine(security_options=options), **sections)

    def test_passes_when_the_engine_lists_selinux(self) -> None:
        assert judge("daemon-selinux", self.selinux_host("name=selinux")).status == "pass"

    def test_fails_on_a_selinux_kernel_without_it(self) -> None:
        assert judge("daemon-selinux", self.selinux_host()).status == "fail"

    def test_a_setting_that_is_not_in_force_fails(self) -> None:
        host = self.selinux_host(daemon=daemon({"selinux-enabled": True}))
        found = verdict(judge("daemon-selinux", host), "daemon")
        assert found.status == "fail"
        assert "restart" in found.message

    def test_permissive_selinux_wants_labels_too(self) -> None:
        host = facts(lsm=lsm("permissive"), engine=engine(security_options=()))
        assert judge("daemon-selinux", host).status == "fail"

    @pytest.mark.parametrize("selinux", ["disabled", "absent"])
    def test_does_not_apply_without_selinux_even_if_no_engine_was_read(self, selinux: str) -> None:
        host = facts(lsm=lsm(selinux, apparmor=True), engine=None)
        assert judge("daemon-selinux", host).status == "not_applicable"

    def test_does_not_apply_to_podman(self) -> None:
        host = facts(lsm=lsm("enforcing"), engine=engine(name="podman"))
        assert judge("daemon-selinux", host).status == "not_applicable"

    def test_is_unknown_when_neither_engine_nor_kernel_tell(self) -> None:
        assert judge("daemon-selinux", facts(lsm=None)).status == "unknown"
        assert judge("daemon-selinux", facts(lsm=lsm("enforcing"), engine=None)).status == "unknown"
