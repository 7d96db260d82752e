"""Known vulnerabilities: exploitable here, out of reach here, or for the vendor to say."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.vulnerabilities  # noqa: F401
from scans.checks.core.context import Context
from scans.facts import Facts, HostProcess, Plugin
from tests.factories import daemon, engine, facts, network, system
from tests.scans.checks.advised import SHIPPED_DATA, judge_advised, one, status
from tests.scans.checks.judge import judge, verdict

CHECKS = [
    f"{name}-vulnerabilities" for name in ("engine", "containerd", "runc", "buildkit", "kernel")
]
COMMUNITY = "Docker Engine - Community"
AUTHZ = (Plugin(name="opa", kind="authorization", enabled=True),)
NO_PLUGINS: tuple[Plugin, ...] = ()


def docker(version: str, plugins: tuple[Plugin, ...] = NO_PLUGINS, **sections: Any) -> Facts:
    """A host with Docker's own build of a version."""
    fields = sections.pop("of", {})
    found = engine(version=version, platform=COMMUNITY, plugins=plugins, **fields)
    return facts(engine=found, **sections)


class TestAllComponents:
    @pytest.mark.parametrize("check_id", CHECKS)
    def test_is_unknown_without_advisories(self, check_id):
        target = facts(engine=engine(components={"containerd": "2.3.5", "runc": "1.5.1"}))
        result = judge(check_id, target)
        assert result.status == "unknown"
        assert "no advisories" in (result.reason or "")

    @pytest.mark.parametrize("check_id", CHECKS)
    def test_is_unknown_when_nothing_was_read(self, check_id):
        target = facts(engine=None, daemon=None, kernel=None)
        assert judge_advised(check_id, target).status == "unknown"

    @pytest.mark.parametrize("check_id", CHECKS[:2] + CHECKS[3:4])
    def test_podman_has_no_docker_of_any_version(self, check_id):
        target = facts(engine=engine(name="podman", version="5.4.0"), daemon=None)
        assert judge_advised(check_id, target).status == "not_applicable"

    @pytest.mark.parametrize("check_id", ["engine-vulnerabilities", "buildkit-vulnerabilities"])
    def test_a_version_that_is_none_is_unknown(self, check_id):
        result = judge_advised(check_id, docker("dev"))
        assert result.status == "unknown"
        assert "'dev'" in (result.reason or "")

    def test_the_newest_passes_with_one_verdict(self):
        target = docker("29.9.0", of={"components": {"containerd": "2.3.5", "runc": "1.5.1"}})
        for check_id in CHECKS[:4]:
            result = judge_advised(check_id, target)
            assert result.status == "pass"
            assert len(result.subjects) == 1
            assert result.subjects[0].subject.kind == "component"

    def test_absent_ones_are_counted_and_listed_as_evidence(self):
        component = check_id = "runc"
        target = docker("29.9.0", of={"components": {component: "1.3.5"}})
        result = judge_advised(f"{check_id}-vulnerabilities", target)
        whole = len(SHIPPED_DATA.of("runc"))
        found = verdict(result, "runc")
        assert found.params == {"count": str(whole - 1), "total": str(whole)}
        assert "CVE-2025-31133" in found.evidence[-1].observed
        assert "CVE-2026-41579" not in found.evidence[-1].observed

    def test_evidence_has_the_advisory_with_its_sources(self):
        row = one("engine-vulnerabilities", "CVE-2026-92543", docker("29.8.1"))
        (told,) = (seen for seen in row.evidence if "CVE-2026-92543" in seen.source)
        assert told.observed["fixed"] == ["29.8.2"]
        assert told.observed["sources"]


class TestEngine:
    check = "engine-vulnerabilities"

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("26.1.4", "fail"),
            ("26.1.5", "absent"),
            ("26.1.15", "absent"),
            ("27.0.3", "fail"),
            ("27.1.1", "absent"),
            ("24.0.9", "fail"),
            ("23.0.15", "absent"),
            ("18.09.9", "absent"),
            ("19.03.15", "fail"),
            ("20.10.27", "fail"),
        ],
    )
    def test_the_empty_body_is_fixed_per_line(self, version, expected):
        assert status(self.check, "CVE-2024-41110", docker(version, AUTHZ)) == expected

    def test_is_not_reachable_without_an_authorization_plugin(self):
        row = one(self.check, "CVE-2024-41110", docker("26.1.4"))
        assert row.status == "pass"
        assert "present but not reachable here" in row.message
        assert "no authorization plugin is configured" in row.message

    def test_is_unknown_where_plugins_were_not_read(self):
        target = replace(docker("26.1.4", None), daemon=None)  # type: ignore[arg-type]
        row = one(self.check, "CVE-2024-41110", target)
        assert row.status == "unknown"
        assert "could not be told" in row.message

    @pytest.mark.parametrize(
        ("processes", "expected"),
        [
            ((HostProcess(pid=9, name="firewalld", uid=0),), "fail"),
            ((), "pass"),
            (None, "unknown"),
        ],
    )
    def test_firewalld_must_run_for_its_reload_to_matter(self, processes, expected):
        target = docker("28.3.2", processes=processes)
        assert status(self.check, "CVE-2025-54388", target) == expected

    @pytest.mark.parametrize(
        ("swarm", "encrypted", "expected"),
        [("active", True, "fail"), ("active", False, "pass"), ("inactive", True, "pass")],
    )
    def test_swarm_flaws_need_a_swarm_with_an_encrypted_network(self, swarm, encrypted, expected):
        options = {"encrypted": ""} if encrypted else {}
        target = docker(
            "20.10.23",
            of={"swarm_state": swarm},
            networks=(network(driver="overlay", options=options),),
        )
        assert status(self.check, "CVE-2023-28840", target) == expected

    def test_28_5_2_never_got_the_fix_for_archives(self):
        assert status(self.check, "CVE-2026-41567", docker("28.5.2")) == "fail"

    def test_a_line_that_others_maintain_is_for_them_to_tell(self):
        row = one(self.check, "CVE-2026-41567", docker("25.0.13"))
        assert row.status == "unknown"
        assert row.message.startswith("verify with the vendor: ")
        assert "Mirantis" in row.message

    def test_a_line_that_others_maintain_is_judged_by_its_own_fix(self):
        assert status(self.check, "CVE-2024-41110", docker("25.0.5", AUTHZ)) == "fail"
        assert status(self.check, "CVE-2024-41110", docker("25.0.6", AUTHZ)) == "absent"


class TestDistributionPackages:
    def debian(self, name: str, version: str, **fields: Any) -> Facts:
        components = {"containerd": "1.6.20~ds1", "runc": "1.1.5+ds1"}
        found = engine(version="20.10.24+dfsg1", components=components, plugins=AUTHZ)
        return facts(engine=found, packages={name: version}, **fields)

    @pytest.mark.parametrize("version", ["20.10.24+dfsg1-1+deb12u1", "20.10.24+dfsg1-1+deb12u1+b6"])
    def test_debians_patched_docker_is_not_affected(self, version):
        target = self.debian("docker.io", version)
        assert status("engine-vulnerabilities", "CVE-2024-41110", target) == "absent"

    def test_debians_unpatched_docker_is_exploitable(self):
        target = self.debian("docker.io", "20.10.24+dfsg1-1+b3")
        assert status("engine-vulnerabilities", "CVE-2024-41110", target) == "fail"

    def test_debians_unpatched_docker_may_still_be_out_of_reach(self):
        target = self.debian("docker.io", "20.10.24+dfsg1-1+b3")
        without = replace(target, engine=engine(version="20.10.24+dfsg1", plugins=()))
        row = one("engine-vulnerabilities", "CVE-2024-41110", without)
        assert row.status == "pass"

    def test_an_advisory_without_debians_version_is_for_debian_to_tell(self):
        target = self.debian("docker.io", "20.10.24+dfsg1-1+deb12u1")
        row = one("engine-vulnerabilities", "CVE-2026-41567", target)
        assert row.status == "unknown"
        assert "docker.io 20.10.24+dfsg1-1+deb12u1 is a distribution's package" in row.message

    def test_the_table_of_one_release_says_nothing_of_another(self):
        target = self.debian("docker.io", "20.10.24+dfsg1-1", system=system(os_version="11"))
        assert status("engine-vulnerabilities", "CVE-2024-41110", target) == "unknown"

    def test_without_the_package_the_mark_in_the_version_is_enough_not_to_fail(self):
        found = engine(version="20.10.24+dfsg1", plugins=AUTHZ)
        result = judge_advised("engine-vulnerabilities", facts(engine=found))
        assert result.status == "unknown"
        assert not [row for row in result.subjects if row.status == "fail"]

    def test_ubuntus_unmarked_version_is_known_by_its_package(self):
        found = engine(version="24.0.7", plugins=AUTHZ)
        packages = {"docker.io": "24.0.7-0ubuntu4.1"}
        ubuntu = system(os_id="ubuntu", os_version="24.04", os_name="Ubuntu 24.04 LTS")
        target = facts(engine=found, packages=packages, system=ubuntu)
        assert status("engine-vulnerabilities", "CVE-2024-41110", target) == "unknown"

    @pytest.mark.parametrize(
        ("version", "expected"), [("1.1.5+ds1-1", "fail"), ("1.1.5+ds1-1+deb12u1", "absent")]
    )
    def test_debians_runc_has_the_fix_for_leaky_vessels(self, version, expected):
        target = self.debian("runc", version)
        assert status("runc-vulnerabilities", "CVE-2024-21626", target) == expected

    def test_debians_runc_is_not_called_safe_from_what_came_later(self):
        target = self.debian("runc", "1.1.5+ds1-1+deb12u1")
        assert status("runc-vulnerabilities", "CVE-2025-31133", target) == "unknown"

    @pytest.mark.parametrize(
        ("version", "expected"),
        [("1.6.20~ds1-1+deb12u1", "fail"), ("1.6.20~ds1-1+deb12u2", "absent")],
    )
    def test_debians_containerd_has_the_fix_for_open_directories(self, version, expected):
        target = self.debian("containerd", version)
        assert status("containerd-vulnerabilities", "CVE-2024-25621", target) == expected

    def test_a_build_of_unknown_origin_is_to_be_verified(self):
        target = facts(engine=engine(version="26.1.4", plugins=AUTHZ))
        row = one("engine-vulnerabilities", "CVE-2024-41110", target)
        assert row.status == "unknown"
        assert "whose build it is could not be told" in row.message

    def test_what_is_out_of_reach_needs_no_vendor(self):
        target = facts(engine=engine(version="26.1.5+dfsg1", plugins=()), processes=())
        row = one("engine-vulnerabilities", "CVE-2026-34040", target)
        assert row.status == "pass"
        assert row.message.startswith("may be present but is not reachable here")


class TestRunc:
    def target(self, version: str, **fields: Any) -> Facts:
        return docker("29.9.0", of={"components": {"runc": version}}, **fields)

    @pytest.mark.parametrize(
        "version", ["1.1.12", "1.1.15", "1.0.3", "1.2.7", "1.3.2", "1.4.0-rc.2"]
    )
    @pytest.mark.parametrize("advisory", ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"])
    def test_old_lines_have_the_flaws_of_2025(self, version, advisory):
        assert status("runc-vulnerabilities", advisory, self.target(version)) == "fail"

    @pytest.mark.parametrize("version", ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.5.1"])
    @pytest.mark.parametrize("advisory", ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"])
    def test_fixed_lines_do_not(self, version, advisory):
        assert status("runc-vulnerabilities", advisory, self.target(version)) == "absent"

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("1.0.0-rc92", "absent"),
            ("1.0.0-rc93", "fail"),
            ("1.1.11", "fail"),
            ("1.1.12", "absent"),
        ],
    )
    def test_leaky_vessels_came_and_went(self, version, expected):
        assert status("runc-vulnerabilities", "CVE-2024-21626", self.target(version)) == expected

    def test_a_bypass_of_apparmor_needs_apparmor(self):
        target = self.target("1.1.4")
        assert target.lsm is not None
        assert status("runc-vulnerabilities", "CVE-2023-28642", target) == "fail"
        without = replace(target, lsm=replace(target.lsm, apparmor_enabled=False))
        assert status("runc-vulnerabilities", "CVE-2023-28642", without) == "pass"

    def test_podman_with_runc_is_judged(self):
        podman = engine(name="podman", version="5.4.0", components={"runc": "1.1.11"})
        target = facts(engine=podman, daemon=None, packages={})
        assert status("runc-vulnerabilities", "CVE-2024-21626", target) == "fail"


class TestContainerd:
    def target(self, version: str, *disabled: str) -> Facts:
        config = {"version": 2, "disabled_plugins": list(disabled)}
        return docker(
            "29.9.0",
            of={"components": {"containerd": version}},
            daemon=daemon(containerd_config=config),
        )

    def test_flaws_of_cri_need_it_enabled(self):
        check_id, advisory = "containerd-vulnerabilities", "CVE-2026-53488"
        assert status(check_id, advisory, self.target("2.2.4")) == "fail"
        row = one(check_id, advisory, self.target("2.2.4", "cri"))
        assert row.status == "pass"
        assert "CRI plugin is disabled" in row.message

    def test_others_do_not(self):
        target = self.target("2.2.4", "cri")
        assert status("containerd-vulnerabilities", "CVE-2026-47262", target) == "fail"

    @pytest.mark.parametrize(
        ("version", "expected"),
        [("1.7.26", "absent"), ("1.7.27", "fail"), ("2.0.3", "absent"), ("2.1.0", "fail"),
         ("2.2.4", "absent")],
    )  # fmt: skip
    def test_a_flaw_that_came_with_backports_is_judged_per_line(self, version, expected):
        target = self.target(version)
        assert status("containerd-vulnerabilities", "CVE-2026-46680", target) == expected

    def test_checkpoints_are_not_in_the_old_lines(self):
        target = self.target("1.7.33")
        assert status("containerd-vulnerabilities", "CVE-2026-50195", target) == "absent"


class TestBuildkit:
    @pytest.mark.parametrize(
        ("version", "expected"),
        [("24.0.9", "fail"), ("25.0.1", "fail"), ("25.0.2", "absent"), ("18.06.3-ce", "absent")],
    )
    def test_is_judged_by_the_engine_that_has_it(self, version, expected):
        assert status("buildkit-vulnerabilities", "CVE-2024-23653", docker(version)) == expected

    def test_a_release_that_is_not_confirmed_is_to_be_verified(self):
        row = one("buildkit-vulnerabilities", "GHSA-hw3h-2gp9-cxpv", docker("29.6.1"))
        assert row.status == "unknown"
        assert "is not confirmed" in row.message


def test_data_without_an_advisory_for_a_component_passes_it():
    empty = replace(SHIPPED_DATA, advisories=())
    result = judge("engine-vulnerabilities", docker("20.10.5"), Context(advisories=empty))
    assert result.status == "pass"
