"""The lab's command and the definitions of its hosts; no host needs to run."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

LAB = Path(__file__).parent / "lab"
HOSTS = sorted(Path(__file__).parent.glob("hosts/*/host.toml"))
NOBODY = 65534


def lab(*words: str, user: int | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LAB), *words],
        capture_output=True,
        text=True,
        user=user,
        extra_groups=None if user is None else [],
        env={**os.environ, **env},
    )


@pytest.mark.root
@pytest.mark.parametrize("command", [["up"], ["down"], ["scale", "1"], ["clean"]])
def test_without_root_it_says_so_in_one_sentence_and_exits_with_77(
    command: list[str], tmp_path: Path
) -> None:
    done = lab(*command, user=NOBODY, POSTURE_LAB_DIR=str(tmp_path))
    assert done.stderr == "The lab needs root: run it as root or with sudo.\n"
    assert done.returncode == 77


def test_names_the_hosts_there_are_when_asked_for_another() -> None:
    done = lab("up", "nosuch")
    assert done.stderr.startswith("There is no host 'nosuch'; the lab has bench, ")
    assert done.returncode == 1


@pytest.mark.parametrize("count", ["-1", "1000"])
def test_refuses_a_number_of_containers_that_is_out_of_range(count: str) -> None:
    done = lab("scale", "--", count)
    assert done.stderr == f"{count} containers are out of range: give 0 to 999.\n"


def test_a_lab_that_was_never_started_is_down(tmp_path: Path) -> None:
    done = lab("status", POSTURE_LAB_DIR=str(tmp_path))
    assert done.stdout == "The lab is down; start it with `lab up`.\n"
    assert done.returncode == 1


def test_no_two_hosts_publish_the_same_port() -> None:
    offsets = [offset for file in HOSTS for offset in read(file).get("publish", {})]
    assert len(offsets) == len(set(offsets)) > 0


def test_no_two_ways_have_the_same_name() -> None:
    names = [way["name"] for file in HOSTS for way in read(file)["ways"]]
    assert len(names) == len(set(names)) > len(HOSTS)


@pytest.mark.parametrize("host", HOSTS, ids=lambda file: file.parent.name)
def test_every_file_that_a_way_names_exists(host: Path) -> None:
    for way in read(host)["ways"]:
        if "expected" in way:
            assert (host.parent / way["expected"]).is_file()


@pytest.mark.parametrize("host", HOSTS, ids=lambda file: file.parent.name)
def test_an_exact_expectation_names_a_failing_subject(host: Path) -> None:
    for file in host.parent.glob("expected*.toml"):
        for check, expected in read(file).items():
            if expected.get("exact"):
                assert "fail" in expected["subjects"].values(), check


def read(file: Path) -> dict:
    return tomllib.loads(file.read_text())
