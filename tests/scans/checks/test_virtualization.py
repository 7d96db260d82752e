"""Item 16: hardware virtualization around and inside the host."""

import pytest

import scans.checks.virtualization  # noqa: F401 - registers the checks
from scans.facts import TopProcess
from tests.factories import container, engine, facts, system, without_process
from tests.scans.checks.judge import judge


class TestHostVirtualized:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("kvm", "pass"),
            ("vmware", "pass"),
            ("amazon", "pass"),
            ("none", "fail"),
            ("docker", "fail"),
            ("lxc", "fail"),
            ("something-new", "unknown"),
            (None, "unknown"),
        ],
    )
    def test_wants_a_virtual_machine(self, kind, expected):
        target = facts(system=system(virtualization=kind))
        assert judge("host-virtualized", target).status == expected

    def test_is_unknown_when_the_system_was_not_read(self):
        assert judge("host-virtualized", facts(system=None)).status == "unknown"


class TestSandboxedRuntime:
    @pytest.mark.parametrize(
        "name", ["kata-runtime", "io.containerd.kata.v2", "runsc", "sysbox-runc"]
    )
    def test_passes_with_one(self, name):
        target = facts(engine=engine(runtimes=("runc", name)))
        assert judge("sandboxed-runtime", target).status == "pass"

    def test_fails_with_ordinary_runtimes_alone(self):
        target = facts(engine=engine(runtimes=("runc", "crun", "io.containerd.runc.v2")))
        assert judge("sandboxed-runtime", target).status == "fail"

    def test_is_unknown_when_the_engine_was_not_read(self):
        assert judge("sandboxed-runtime", facts(engine=None)).status == "unknown"


class TestDockerInDocker:
    def status(self, name: str, command: str = "") -> str:
        processes = (TopProcess(pid=1, uid=0, name=name, command=command),)
        return judge("docker-in-docker", facts(containers=(container(processes=processes),))).status

    @pytest.mark.parametrize("name", ["dockerd", "containerd"])
    def test_fails_for_an_engine_inside(self, name):
        assert self.status(name) == "fail"

    def test_fails_for_podman_that_serves_its_api(self):
        assert self.status("podman", "podman system service --time=0") == "fail"

    @pytest.mark.parametrize(
        ("name", "command"), [("docker", "docker ps"), ("podman", "podman ps")]
    )
    def test_passes_clients(self, name, command):
        assert self.status(name, command) == "pass"

    def test_is_unknown_when_processes_were_not_read(self):
        target = facts(containers=(without_process(container()),))
        assert judge("docker-in-docker", target).status == "unknown"
