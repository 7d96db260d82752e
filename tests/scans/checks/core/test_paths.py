import pytest

from scans.checks.core.paths import is_at_or_above, is_at_or_below, normalise


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/etc/docker", "/etc/docker"),
        ("/etc//docker/", "/etc/docker"),
        ("//etc/docker", "/etc/docker"),
        ("/etc/./docker/../docker", "/etc/docker"),
        ("/../../etc", "/etc"),
        ("/", "/"),
        ("", "/"),
        ("etc", "/etc"),
        ("/var/run", "/run"),
        ("/var/run/docker.sock", "/run/docker.sock"),
        ("/var/running", "/var/running"),
        ("/var/lib/../run/docker.sock", "/run/docker.sock"),
    ],
)
def test_brings_a_path_to_one_form(path, plain):
    assert normalise(path) == plain


def test_a_path_is_at_or_below_itself_and_its_parents():
    assert is_at_or_below("/etc/docker/daemon.json", "/etc/docker/daemon.json")
    assert is_at_or_below("/etc/docker/daemon.json", "/etc/docker/")
    assert is_at_or_below("/etc/docker/daemon.json", "/")
    assert is_at_or_below("/var/run/docker.sock", "/run")


def test_a_common_beginning_is_not_a_parent():
    assert not is_at_or_below("/etcetera", "/etc")
    assert not is_at_or_below("/usr/bin/containerd-shim", "/usr/bin/containerd")


def test_a_parent_is_not_below_its_child():
    assert not is_at_or_below("/etc", "/etc/docker")


def test_above_is_the_mirror_of_below():
    assert is_at_or_above("/run", "/var/run/docker.sock")
    assert is_at_or_above("/", "/")
    assert not is_at_or_above("/run/docker.sock", "/run")


def test_dots_do_not_lead_out_of_a_parent():
    assert not is_at_or_below("/srv/../etc/shadow", "/srv")
