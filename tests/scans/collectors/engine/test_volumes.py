"""Volumes, and which host path a volume really is."""

import pytest

from scans.collectors.engine.volumes import bound_paths, read_volume
from scans.facts import Volume
from tests.scans.collectors.engine.replay import DOCKER_20, recording


def volume(driver: str = "local", **options: str) -> Volume:
    return Volume(name="v", driver=driver, options=options, labels={})


def test_reads_the_options_that_make_a_volume_a_bind_mount() -> None:
    (found,) = [read_volume(answer) for answer in recording(DOCKER_20)["/volumes"]["Volumes"]]
    assert found.name == "sshconfig"
    assert found.driver == "local"
    assert found.mountpoint == "/var/lib/docker/volumes/sshconfig/_data"
    assert found.options == {"type": "none", "o": "bind", "device": "/etc/ssh"}
    assert bound_paths([found]) == {"sshconfig": "/etc/ssh"}


@pytest.mark.parametrize("flags", ["bind", "ro,bind", "rbind"])
def test_any_spelling_of_bind_binds_its_device(flags: str) -> None:
    assert bound_paths([volume(o=flags, device="/etc")]) == {"v": "/etc"}


def test_other_volumes_bind_nothing() -> None:
    assert bound_paths([volume(type="tmpfs", device="tmpfs", o="size=10m")]) == {}
    assert bound_paths([volume(type="nfs", device=":/export", o="addr=10.0.0.1")]) == {}
    assert bound_paths([volume("rexray", o="bind", device="/etc")]) == {}


def test_the_password_of_a_share_is_taken_out() -> None:
    answer = {
        "Name": "share",
        "Driver": "local",
        "Options": {"type": "cifs", "device": "//nas/x", "o": "username=u,password=canary"},
    }
    found = read_volume(answer)
    assert "canary" not in repr(found)
    assert found.options["device"] == "//nas/x"
