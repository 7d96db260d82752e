"""Owner and mode of the engine's files."""

import pytest

from scans.collectors.host.files import parse_files
from scans.collectors.host.reading import Missing
from scans.facts import DaemonConfig, FileStat
from tests.factories import daemon
from tests.scans.collectors.probing import section


def stat(path: str, mode: int = 0o100644, owner: str = "root") -> str:
    return f"{mode:x}\t0\t0\t{owner}\troot\t12\t{path}\n"


def files(
    lines: str, config: DaemonConfig | None = None, **parts: str
) -> dict[str, list[FileStat]]:
    found: dict[str, list[FileStat]] = {}
    for file in parse_files(section("files", {"stat": lines, **parts}), config):
        found.setdefault(file.role, []).append(file)
    return found


def test_all_bits_of_the_mode_are_kept() -> None:
    file = files(stat("/etc/docker/daemon.json", 0o104666))["daemon-json"][0]
    assert (file.kind, file.mode, file.owner, file.size) == ("file", 0o4666, "root", 12)


def test_an_owner_without_a_name_has_none() -> None:
    assert files(stat("/etc/docker", 0o40755, "UNKNOWN"))["etc-docker"][0].owner is None


@pytest.mark.parametrize("tool", ["stat: cannot statx '{}': {}", "stat: can't stat '{}': {}"])
def test_absent_and_unreadable_are_not_the_same(tool: str) -> None:
    lines = "\n".join(
        (
            tool.format("/etc/docker", "No such file or directory"),
            tool.format("/run/docker.sock", "Permission denied"),
        )
    )
    found = files(lines)
    assert found["etc-docker"][0].kind == "absent"
    assert found["docker-sock"][0].kind == "unreadable"


def test_a_file_reached_by_two_links_is_told_once() -> None:
    paths = ["/lib/systemd/system/docker.service", "/usr/lib/systemd/system/docker.service"]
    found = files(
        "".join(stat(path) for path in paths),
        existing="\n".join(paths),
        real=f"{paths[1]}\n{paths[1]}\n",
    )
    assert len(found["docker-service"]) == 1
    assert found["docker-service"][0].resolved == paths[1]


def test_an_absent_path_is_told_only_if_no_other_of_its_role_exists() -> None:
    absent = (
        "stat: cannot statx '/usr/lib/systemd/system/docker.service': No such file or directory\n"
    )
    here = "/etc/systemd/system/docker.service"
    assert [one.path for one in files(absent + stat(here))["docker-service"]] == [here]
    assert [one.kind for one in files(absent)["docker-service"]] == ["absent"]


def test_the_daemons_configuration_names_more_files() -> None:
    hosts = ["unix:///run/x.sock", "tcp://0.0.0.0:2376"]
    config = daemon({"data-root": "/data", "tlskey": "/pki/key.pem", "hosts": hosts})
    lines = stat("/data", 0o40710) + stat("/pki/key.pem", 0o100400) + stat("/run/x.sock", 0o140660)
    found = files(lines, config)
    assert found["data-root"][0].path == "/data"
    assert found["tls-key"][0].mode == 0o400
    assert (found["docker-sock"][0].path, found["docker-sock"][0].kind) == ("/run/x.sock", "socket")


def test_the_journal_on_disk_is_not_the_one_in_memory() -> None:
    kept, volatile = (f"/{top}/log/journal/0123abcd/system.journal" for top in ("var", "run"))
    refused = f"stat: cannot statx '{volatile}': No such file or directory\n"
    found = files(stat(kept) + refused)
    assert found["journal"][0].kind == "file"
    assert found["journal-volatile"][0].kind == "absent"


def test_binaries_are_those_of_the_path() -> None:
    commands = "dockerd /usr/local/bin/dockerd\nrunc \n"
    found = files(stat("/usr/local/bin/dockerd", 0o100755), commands=commands)
    assert found["dockerd"][0].path == "/usr/local/bin/dockerd"


def test_no_answer_that_is_known_is_missing() -> None:
    with pytest.raises(Missing):
        files("stat: unrecognized option\n")
