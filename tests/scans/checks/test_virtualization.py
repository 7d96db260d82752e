"""Item 16: hardware virtualization around and inside the host."""

from typing import Any

import pytest

import scans.checks.virtualization  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Device, Gap, MountPoint, TopProcess
from tests.factories import container, engine, facts, system, without_process
from tests.scans.checks.judge import judge, verdict


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


class TestNestedVirtualization:
    ALLOWED = Context(policy=Policy(containers=ContainerPolicy(allowed_devices=("/dev/kvm",))))

    def host(self, **fields: Any) -> str:
        target = facts(system=system(**fields), containers=(container(),))
        return judge("nested-virtualization", target).status

    def container(self, context: Context | None = None, /, **fields: Any) -> str:
        target = facts(system=system(kvm_device=True, nested_virtualization=False))
        found = container(**fields)
        result = judge(
            "nested-virtualization",
            facts(system=target.system, containers=(found,)),
            context,
        )
        return verdict(result, "web").status

    def given(self, path: str) -> dict[str, Any]:
        device = Device(host_path=path, container_path=path, permissions="rwm")
        return {"devices": (device,)}

    @pytest.mark.parametrize(
        ("nested", "device", "expected"),
        [
            (True, True, "fail"),
            (False, True, "pass"),
            (None, False, "pass"),
            (None, True, "unknown"),
        ],
    )
    def test_wants_machines_not_to_nest(self, nested, device, expected):
        assert self.host(nested_virtualization=nested, kvm_device=device) == expected

    def test_judges_the_host_without_containers(self):
        target = facts(system=system(nested_virtualization=True))
        assert judge("nested-virtualization", target).status == "fail"

    def test_passes_a_container_without_the_device(self):
        assert self.container(**self.given("/dev/dri/card0")) == "pass"

    @pytest.mark.parametrize("path", ["/dev/kvm", "/dev//kvm"])
    def test_fails_for_a_container_with_the_device(self, path):
        assert self.container(**self.given(path)) == "fail"

    def test_fails_for_the_device_as_a_mount(self):
        mount = MountPoint(kind="bind", source="/dev/kvm", destination="/k", read_only=False)
        assert self.container(mounts=(mount,)) == "fail"

    def test_fails_for_a_privileged_container_where_there_is_the_device(self):
        assert self.container(privileged=True) == "fail"
        without = facts(system=system(kvm_device=False), containers=(container(privileged=True),))
        assert judge("nested-virtualization", without).status == "pass"

    def test_passes_the_device_that_the_policy_allows(self):
        assert self.container(self.ALLOWED, **self.given("/dev/kvm")) == "pass"

    @pytest.mark.parametrize("section", ["system", "containers"])
    def test_is_unknown_when_either_was_not_read(self, section):
        assert judge("nested-virtualization", facts(**{section: None})).status == "unknown"

    def test_is_unknown_when_the_only_container_could_not_be_read(self):
        gap = Gap(section="containers", subject="web", reason="timed out")
        target = facts(containers=(), gaps=(gap,))
        assert judge("nested-virtualization", target).status == "unknown"


class TestUntrustedSandboxed:
    POLICY = Context(policy=Policy(containers=ContainerPolicy(untrusted_label="untrusted")))

    def status(self, context: Context = POLICY, /, **fields: Any) -> str:
        found = container(**({"labels": {"untrusted": "true"}} | fields))
        return judge("untrusted-sandboxed", facts(containers=(found,)), context).status

    @pytest.mark.parametrize("runtime", ["runsc", "kata", "io.containerd.kata.v2", "sysbox-runc"])
    def test_passes_in_a_sandbox(self, runtime):
        assert self.status(runtime=runtime) == "pass"

    @pytest.mark.parametrize("runtime", ["runc", "crun", "io.containerd.runc.v2", "/usr/bin/crun"])
    def test_fails_on_the_hosts_kernel(self, runtime):
        assert self.status(runtime=runtime) == "fail"

    def test_takes_the_engines_default_where_no_runtime_was_asked_for(self):
        assert self.status(runtime="") == "fail"

    def test_is_unknown_for_a_runtime_whose_name_tells_nothing(self):
        assert self.status(runtime="custom") == "unknown"

    @pytest.mark.parametrize("labels", [{}, {"untrusted": "false"}, {"untrusted": ""}])
    def test_does_not_apply_without_untrusted_containers(self, labels):
        assert self.status(labels=labels) == "not_applicable"

    def test_does_not_apply_without_a_label_in_the_policy(self):
        assert self.status(Context()) == "not_applicable"

    def test_is_unknown_when_containers_were_not_read(self):
        assert judge("untrusted-sandboxed", facts(containers=None), self.POLICY).status == "unknown"

    def test_does_not_judge_trusted_containers(self):
        bad = container("bad", labels={"untrusted": "true"})
        result = judge("untrusted-sandboxed", facts(containers=(container(), bad)), self.POLICY)
        assert [v.subject.name for v in result.subjects] == ["bad"]

    def test_is_unknown_where_neither_container_nor_engine_name_a_runtime(self):
        subject = container(runtime="", labels={"untrusted": "true"})
        target = facts(containers=(subject,), engine=None)
        assert judge("untrusted-sandboxed", target, self.POLICY).status == "unknown"
