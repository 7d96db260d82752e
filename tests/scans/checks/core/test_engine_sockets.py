import pytest

from scans.checks.core.engine_sockets import engine_sockets, host_paths, reached_socket
from scans.facts import Access, Bind, FileStat, MountPoint, Setting
from tests.factories import container, daemon, facts


def mount(source: str, **fields: object) -> MountPoint:
    base = {"kind": "bind", "source": source, "destination": "/x", "read_only": False}
    return MountPoint(**(base | fields))  # type: ignore[arg-type]


def test_knows_where_engines_listen_by_default() -> None:
    assert {"/run/docker.sock", "/run/containerd/containerd.sock"} <= set(engine_sockets(facts()))


def test_learns_where_the_api_was_reached() -> None:
    reached = Access(level="user", engine_socket="/run/user/1000/podman/podman.sock")
    assert "/run/user/1000/podman/podman.sock" in engine_sockets(facts(access=reached))


def test_learns_configured_sockets_of_the_daemon_and_its_socket_unit() -> None:
    stream = Setting(key="hosts", value="/run/b.sock", layer="socket", source="docker.socket")
    hosts = ["tcp://127.0.0.1:2376", "unix:///srv/a.sock"]
    config = daemon({"hosts": hosts}, listen_streams=(stream,))
    assert {"/srv/a.sock", "/run/b.sock"} <= set(engine_sockets(facts(daemon=config)))


def test_knows_the_defaults_when_the_configuration_was_not_read() -> None:
    assert "/run/docker.sock" in engine_sockets(facts(daemon=None, files=None))


def test_a_stream_that_is_no_path_is_no_socket_to_mount() -> None:
    stream = Setting(key="hosts", value="2375", layer="socket", source="docker.socket")
    config = daemon(listen_streams=(stream,))
    assert engine_sockets(facts(daemon=config)) == engine_sockets(facts())


def test_learns_what_a_socket_s_link_resolves_to() -> None:
    link = FileStat(
        path="/var/run/docker.sock", kind="socket", resolved="/mnt/d.sock", role="docker-sock"
    )
    assert "/mnt/d.sock" in engine_sockets(facts(files=(link,)))


def test_a_socket_that_was_looked_for_and_is_absent_is_none() -> None:
    absent = FileStat(path="/srv/podman.sock", kind="absent", role="podman-sock")
    assert "/srv/podman.sock" not in engine_sockets(facts(files=(absent,)))


def test_paths_of_a_container_are_binds_and_volumes_that_bind() -> None:
    subject = container(
        mounts=(
            mount("/srv//data/"),
            mount("/var/lib/docker/volumes/v/_data", kind="volume", volume_device="/etc"),
            mount("/var/lib/docker/volumes/w/_data", kind="volume"),
            mount("", kind="tmpfs"),
        ),
        binds=(Bind(source="/opt", destination="/y"), Bind(source="named", destination="/z")),
    )
    assert host_paths(subject) == ("/etc", "/opt", "/srv/data")


@pytest.mark.parametrize("path", ["/run/docker.sock", "/run", "/"])
def test_a_socket_is_reached_by_itself_and_by_any_directory_above(path: str) -> None:
    assert reached_socket(path, ("/run/docker.sock",)) == "/run/docker.sock"


@pytest.mark.parametrize("path", ["/run/docker", "/run/docker.socket", "/srv", "/run/docker.sock2"])
def test_a_socket_is_not_reached_by_its_neighbours(path: str) -> None:
    assert reached_socket(path, ("/run/docker.sock",)) is None


def test_a_file_of_a_socket_s_name_is_one_wherever_it_lies() -> None:
    assert reached_socket("/run/user/1000/docker.sock", ()) == "/run/user/1000/docker.sock"
