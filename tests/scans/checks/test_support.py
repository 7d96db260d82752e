"""Release lines: whose support has ended on the day of the audit."""

from datetime import UTC, datetime
from typing import Any

import pytest

import scans.checks.support  # noqa: F401
from tests.factories import engine, facts, kernel, system
from tests.scans.checks.advised import judge_advised
from tests.scans.checks.judge import judge


@pytest.mark.parametrize(
    "check_id",
    ["docker-version-supported", "containerd-supported", "kernel-supported", "os-supported"],
)
class TestAll:
    def test_is_unknown_without_advisories(self, check_id):
        target = facts(
            engine=engine(components={"containerd": "2.3.5"}),
            kernel=kernel(release="6.12.80", version="#1 SMP"),
        )
        assert judge(check_id, target).status == "unknown"

    def test_is_unknown_when_nothing_was_read(self, check_id):
        target = facts(engine=None, daemon=None, kernel=None, system=None)
        assert judge_advised(check_id, target).status == "unknown"


class TestDockerVersionSupported:
    def status(self, version: str, **sections: Any) -> str:
        target = facts(engine=engine(version=version), **sections)
        return judge_advised("docker-version-supported", target).status

    @pytest.mark.parametrize("version", ["29.0.0", "29.9.0", "25.0.13"])
    def test_passes_maintained_lines(self, version):
        assert self.status(version) == "pass"

    @pytest.mark.parametrize(
        "version", ["28.5.2", "27.3.1", "26.1.5+dfsg1", "24.0.9", "20.10.24+dfsg1", "17.06.2-ce"]
    )
    def test_fails_for_lines_without_fixes_where_the_field_cannot_fail(self, version):
        assert self.status(version) == "fail"

    def test_fails_for_a_line_after_its_last_day(self):
        last, after = datetime(2026, 12, 4, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC)
        assert self.status("25.0.13", started_at=last) == "pass"
        assert self.status("25.0.13", started_at=after) == "fail"

    @pytest.mark.parametrize("version", ["31.0.0", "dev", ""])
    def test_is_unknown_for_versions_it_does_not_know(self, version):
        assert self.status(version) == "unknown"

    def test_does_not_apply_to_podman(self):
        target = facts(engine=engine(name="podman", version="5.4.0"))
        assert judge_advised("docker-version-supported", target).status == "not_applicable"


class TestContainerdSupported:
    def status(self, version: str, **sections: Any) -> str:
        target = facts(engine=engine(components={"containerd": version}), **sections)
        return judge_advised("containerd-supported", target).status

    @pytest.mark.parametrize("version", ["2.0.12", "2.3.5"])
    def test_passes_maintained_lines(self, version):
        assert self.status(version) == "pass"

    @pytest.mark.parametrize("version", ["1.4.13", "1.6.38", "1.7.35", "2.1.9", "2.2.8"])
    def test_fails_for_ended_ones(self, version):
        assert self.status(version) == "fail"

    def test_is_unknown_for_a_newer_line(self):
        assert self.status("2.4.0") == "unknown"

    def test_leaves_packages_of_a_distribution_to_the_distribution(self):
        assert self.status("1.6.20~ds1") == "not_applicable"
        packages = {"containerd": "1.7.12-0ubuntu4"}
        assert self.status("1.7.12", packages=packages) == "not_applicable"


class TestKernelSupported:
    def status(self, release: str, version: str = "#1 SMP", **sections: Any) -> str:
        target = facts(kernel=kernel(release=release, version=version), **sections)
        return judge_advised("kernel-supported", target).status

    @pytest.mark.parametrize("release", ["5.10.257", "6.1.174", "6.12.91", "6.18.33"])
    def test_passes_long_term_lines(self, release):
        assert self.status(release) == "pass"

    @pytest.mark.parametrize("release", ["4.14.336", "4.19.325", "5.4.302", "5.16.20", "6.17.13"])
    def test_fails_for_ended_lines_and_for_those_that_never_were_long_term(self, release):
        assert self.status(release) == "fail"

    def test_is_unknown_for_a_newer_line(self):
        assert self.status("7.1.3") == "unknown"

    def test_fails_for_a_line_after_its_last_day(self):
        assert self.status("5.10.257", started_at=datetime(2027, 1, 1, tzinfo=UTC)) == "fail"

    def test_is_unknown_for_an_ended_line_that_somebody_may_look_after(self):
        assert self.status("5.16.20-mine") == "unknown"
        assert self.status("6.18.33-mine") == "pass"

    @pytest.mark.parametrize(
        ("release", "version"),
        [
            ("5.10.0-30-amd64", "#1 SMP Debian 5.10.218-1 (2024-06-01)"),
            ("4.18.0-553.el8_10.x86_64", "#1 SMP"),
            ("5.4.0-200-generic", "#220-Ubuntu SMP"),
        ],
    )
    def test_leaves_a_vendors_kernel_to_the_vendor(self, release, version):
        assert self.status(release, version) == "not_applicable"


class TestOsSupported:
    def status(self, os_id: str, version: str, **sections: Any) -> str:
        named = system(os_id=os_id, os_version=version, os_name=f"{os_id} {version}")
        return judge_advised("os-supported", facts(system=named, **sections)).status

    @pytest.mark.parametrize(
        ("os_id", "version"),
        [
            ("debian", "12"),
            ("debian", "13"),
            ("ubuntu", "22.04"),
            ("ubuntu", "24.04"),
            ("rhel", "9.4"),
            ("almalinux", "8.10"),
            ("rocky", "9.5"),
            ("centos", "9"),
            ("ol", "8.9"),
            ("alpine", "3.22.1"),
            ("sles", "15.7"),
            ("amzn", "2023"),
            ("fedora", "43"),
        ],
    )
    def test_passes_supported_releases(self, os_id, version):
        assert self.status(os_id, version) == "pass"

    @pytest.mark.parametrize(
        ("os_id", "version"),
        [
            ("debian", "8"),
            ("ubuntu", "23.10"),
            ("ubuntu", "25.10"),
            ("centos", "7"),
            ("centos", "8"),
            ("alpine", "3.20.3"),
            ("alpine", "3.12.0"),
            ("opensuse-leap", "15.6"),
            ("amzn", "2"),
            ("amzn", "2018.03"),
            ("fedora", "42"),
        ],
    )
    def test_fails_for_ended_releases(self, os_id, version):
        assert self.status(os_id, version) == "fail"

    @pytest.mark.parametrize(
        ("os_id", "version", "service"),
        [
            ("debian", "11", "Extended LTS"),
            ("ubuntu", "20.04", "Ubuntu Pro"),
            ("rhel", "7.9", "Extended Life Cycle Support"),
            ("sles", "15.5", "LTSS"),
        ],
    )
    def test_is_unknown_where_only_subscribers_get_fixes(self, os_id, version, service):
        named = system(os_id=os_id, os_version=version)
        (row,) = judge_advised("os-supported", facts(system=named)).subjects
        assert row.status == "unknown"
        assert service in row.message

    def test_fails_after_the_subscription_has_ended_too(self):
        later = datetime(2035, 5, 1, tzinfo=UTC)
        assert self.status("ubuntu", "20.04", started_at=later) == "fail"

    @pytest.mark.parametrize(
        ("os_id", "version"),
        [("debian", ""), ("debian", "14"), ("ubuntu", "27.04"), ("nixos", "25.11"), ("", "")],
    )
    def test_is_unknown_for_releases_it_does_not_know(self, os_id, version):
        assert self.status(os_id, version) == "unknown"

    def test_says_of_debians_unstable_that_it_names_no_release(self):
        named = system(os_version="", os_name="Debian GNU/Linux forky/sid")
        (row,) = judge_advised("os-supported", facts(system=named)).subjects
        assert row.message == "runs Debian GNU/Linux forky/sid, which names no release"

    @pytest.mark.parametrize(("os_id", "version"), [("arch", ""), ("opensuse-tumbleweed", "2026")])
    def test_passes_distributions_without_releases(self, os_id, version):
        assert self.status(os_id, version) == "pass"
