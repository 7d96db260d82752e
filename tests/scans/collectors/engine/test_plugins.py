"""Managed plugins of the API and the legacy ones that `info` names.

The answers with plugins are made by hand from the API's documentation: the lab has no plugins.
"""

from scans.collectors.engine.plugins import read_plugins
from scans.facts import Plugin
from tests.scans.collectors.engine.replay import DOCKER_28, PODMAN_5, recording

MANAGED = {
    "Name": "vendor/guard:latest",
    "Enabled": True,
    "Config": {"Interface": {"Types": ["docker.authz/1.0"], "Socket": "guard.sock"}},
}


def test_reads_a_managed_plugin_and_its_kind() -> None:
    assert read_plugins([MANAGED], {}) == (
        Plugin(name="vendor/guard:latest", kind="authorization", enabled=True),
    )


def test_reads_the_kind_where_it_is_an_object() -> None:
    types = [{"Prefix": "docker", "Capability": "volumedriver", "Version": "1.0"}]
    plugin = MANAGED | {"Config": {"Interface": {"Types": types}}}
    assert read_plugins([plugin], {})[0].kind == "volume"


def test_a_legacy_plugin_is_known_by_name_alone() -> None:
    info = {"Plugins": {"Authorization": ["opa"], "Volume": ["local", "rexray"]}}
    assert read_plugins([], info) == (
        Plugin(name="opa", kind="authorization", enabled=True, managed=False),
        Plugin(name="rexray", kind="volume", enabled=True, managed=False),
    )


def test_a_managed_plugin_in_use_is_not_counted_twice() -> None:
    info = {"Plugins": {"Authorization": ["vendor/guard:latest"]}}
    assert len(read_plugins([MANAGED], info)) == 1


def test_the_drivers_that_engines_bring_are_no_plugins() -> None:
    for name in (DOCKER_28, PODMAN_5):
        assert read_plugins([], recording(name)["/info"]) == ()
