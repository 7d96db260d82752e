import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosts.connections import Session, open_session, parse_target
from tests.hosts.connections.conftest import eventually


@pytest.fixture
def session() -> Iterator[Session]:
    with open_session(parse_target("local")) as opened:
        yield opened


def test_gives_both_streams_and_the_exit_status(session: Session):
    result = session.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_status, result.stdout, result.stderr) == (3, b"out\n", b"err\n")


def test_runs_the_arguments_without_a_shell(session: Session):
    assert session.run(["printf", "%s", "$HOME; *"]).stdout == b"$HOME; *"


def test_feeds_and_reads_megabytes_at_once(session: Session):
    data = os.urandom(3_000_000)
    assert session.run(["cat"], stdin=data).stdout == data


def test_input_that_nobody_reads_does_no_harm(session: Session):
    assert session.run(["true"], stdin=b"x" * 3_000_000).exit_status == 0


def test_cuts_a_command_at_its_deadline_and_kills_its_children(session: Session, tmp_path: Path):
    pid_file = tmp_path / "pid"
    script = f"echo begun; sh -c 'echo $$ >{pid_file}; sleep 30'; true"
    result = session.run(["sh", "-c", script], timeout=0.5)
    assert (result.exit_status, result.stdout, result.cut) == (None, b"begun\n", "deadline")
    assert result.duration < 2
    child = Path("/proc") / pid_file.read_text().strip()
    assert eventually(lambda: not (child / "exe").exists())


def test_a_command_that_closed_its_streams_still_has_a_deadline(session: Session):
    result = session.run(["sh", "-c", "exec >&- 2>&-; sleep 30"], timeout=0.3)
    assert (result.cut, result.exit_status) == ("deadline", None)


def test_a_child_that_holds_the_streams_open_does_not_hold_up(session: Session):
    start = time.monotonic()
    result = session.run(["sh", "-c", "sleep 30 & echo done"], timeout=0.5)
    assert (result.stdout, result.cut) == (b"done\n", "deadline")
    assert time.monotonic() - start < 2


def test_cuts_an_endless_output_at_the_cap(session: Session):
    result = session.run(["yes"], max_bytes=1000)
    assert (len(result.stdout), result.cut) == (1000, "size")


def test_a_command_killed_by_a_signal_has_the_shells_status(session: Session):
    assert session.run(["sh", "-c", "kill -9 $$"]).exit_status == 128 + 9


@pytest.mark.parametrize(("command", "status"), [("does-not-exist", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_be_run_has_the_shells_status(session, command: str, status: int):
    result = session.run([command])
    assert result.exit_status == status
    assert command.encode() in result.stderr
