"""The engine as it describes itself."""

from typing import Any

import pytest

from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.info import read_engine
from scans.facts import Engine
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_26,
    DOCKER_28,
    PODMAN_5,
    recording,
)


def engine(name: str = DOCKER_20, **info: Any) -> Engine:
    """The engine of a recording, with some of its info changed."""
    answers = recording(name)
    return read_engine(answers["/version"], answers["/info"] | info, ())


@pytest.mark.parametrize(
    ("name", "version", "api", "containerd"),
    [
        (DOCKER_20, "20.10.24+dfsg1", "1.41", "1.6.20~ds1"),
        (DOCKER_26, "26.1.5+dfsg1", "1.45", "1.7.24~ds1"),
        (DOCKER_28, "28.5.2+dfsg4", "1.51", "2.1.9+unknown"),
    ],
)
def test_reads_every_generation_of_docker(
    name: str, version: str, api: str, containerd: str
) -> None:
    found = engine(name)
    assert (found.name, found.version, found.api_version) == ("docker", version, api)
    assert found.components["containerd"] == containerd
    assert "runc" in found.runtimes
    assert found.security_option("seccomp") is not None
    assert found.storage_driver == "overlay2"
    assert found.logging_driver
    assert found.cgroup_version in ("1", "2")


def test_recognises_podman_by_its_components() -> None:
    found = engine(PODMAN_5)
    assert (found.name, found.version) == ("podman", "5.4.2")
    assert found.default_runtime == "crun"
    assert found.root_dir == "/var/lib/containers/storage"


def test_reduces_the_version_output_of_podmans_parts_to_the_version() -> None:
    assert engine(PODMAN_5).components == {
        "Podman Engine": "5.4.2",
        "Conmon": "2.1.12",
        "OCI Runtime (crun)": "1.21",
    }


def test_the_loopback_default_is_no_insecure_registry() -> None:
    registries = {"InsecureRegistryCIDRs": ["127.0.0.0/8", "::1/128"], "IndexConfigs": {}}
    assert engine(RegistryConfig=registries).insecure_registries == ()


def test_finds_insecure_registries_by_range_and_by_name() -> None:
    registries = {
        "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.0.0.0/8"],
        "IndexConfigs": {
            "docker.io": {"Name": "docker.io", "Secure": True},
            "registry.lan:5000": {"Name": "registry.lan:5000", "Secure": False},
        },
    }
    assert engine(RegistryConfig=registries).insecure_registries == (
        "10.0.0.0/8",
        "registry.lan:5000",
    )


def test_finds_the_mirrors_of_every_index_once() -> None:
    registries = {
        "Mirrors": ["http://mirror.lan/"],
        "IndexConfigs": {
            "docker.io": {"Secure": True, "Mirrors": ["http://mirror.lan/", "https://two.lan/"]}
        },
    }
    assert engine(RegistryConfig=registries).registry_mirrors == (
        "http://mirror.lan/",
        "https://two.lan/",
    )


def test_tells_rootless_and_remapped_engines() -> None:
    assert engine(SecurityOptions=["name=seccomp,profile=builtin", "name=rootless"]).rootless
    assert engine(SecurityOptions=["name=userns"]).userns_remap
    assert engine(PODMAN_5, Rootless=True).rootless
    plain = engine(SecurityOptions=["name=usernsish"])
    assert not plain.rootless
    assert not plain.userns_remap


def test_old_engines_leave_fields_out() -> None:
    answers = recording(DOCKER_20)
    for key in ("CgroupVersion", "DefaultAddressPools", "Warnings", "Swarm", "BridgeNfIptables"):
        answers["/info"].pop(key, None)
    found = read_engine(answers["/version"], answers["/info"], ())
    assert found.cgroup_version == ""
    assert found.bridge_nf_iptables is None
    assert found.swarm_state == "inactive"


def test_reads_the_firewall_backend_of_new_engines() -> None:
    assert engine(FirewallBackend={"Driver": "nftables"}).firewall_backend == "nftables"
    assert engine().firewall_backend is None


def test_an_engine_without_a_version_is_refused() -> None:
    with pytest.raises(Unexpected):
        read_engine({"ApiVersion": "1.41"}, recording(DOCKER_20)["/info"], ())
