"""``manage.py audit``: usage, exit statuses and what is said, without any host."""

import socket

import pytest

from hosts.connections import ConnectOptions, parse_target
from scans.codec import decode
from scans.management.commands.audit import file_name, read_all, write_facts
from tests.factories import facts
from tests.scans.management.command import manage


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ssh://root:secret@h1",), "A password within the target"),
        (("web-1",), "no host or group is named 'web-1'"),
        (("ftp://h1",), "a scheme that is not known"),
        (("ssh://h1", "--identity", "/nowhere/key"), "there is no key file '/nowhere/key'"),
        (("ssh://h1", "--known-hosts", "/nowhere/kh"), "there is no known-hosts file"),
        (("tcp://h1:2376", "--tls-cert", "/etc/hostname"), "--tls-cert and --tls-key go together"),
        (("ssh://h1", "--jump", "tcp://h2:1"), "--jump takes an ssh:// host"),
        (("ssh://h1", "--engine-socket", "docker.sock"), "must be an absolute path"),
        (("ssh://h1", "--ask-password"), "--ask-password needs a terminal"),
        (("local", "--facts-out", "/nowhere/facts.json"), "there is no folder /nowhere"),
        (("local", "tcp://h1:1", "--facts-out", "/etc/hostname"), "must be a folder for 2 targets"),
        ((), "required: TARGET"),
        (("local", "--format", "pdf"), "invalid choice: 'pdf'"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(arguments, sentence):
    done = manage("audit", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_password_in_the_target_is_not_repeated():
    assert "hunter2" not in manage("audit", "ssh://root:hunter2@h1").stderr


def test_a_target_that_refuses_ends_with_3_and_one_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = manage("audit", f"ssh://root@127.0.0.1:{port}", "--format", "json")
    assert (done.returncode, done.stdout) == (3, "[]\n")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"ssh://root@127.0.0.1:{port}: ")


class BrokenProgress:
    """Fails for one target as a mistake in the program would."""

    def of(self, target):
        def tell(phase):
            if target.path == "/nowhere/broken.sock":
                raise RuntimeError(phase)

        return tell


def test_a_mistake_of_the_program_on_one_target_does_not_lose_the_others():
    wanted = tuple(
        parse_target(f"unix:///nowhere/{name}.sock") for name in ("broken", "first", "second")
    )
    read, failures = read_all(wanted, ConnectOptions(), BrokenProgress())
    assert read == []
    assert failures[0].startswith("unix:///nowhere/broken.sock: this program failed (RuntimeError")
    assert [line.partition(": ")[0] for line in failures[1:]] == [
        "unix:///nowhere/first.sock",
        "unix:///nowhere/second.sock",
    ]


def test_facts_are_for_their_owner_alone_even_in_a_file_that_was_open_to_all(tmp_path):
    file = tmp_path / "facts.json"
    file.touch(mode=0o644)
    write_facts([facts()], file, folder=False)
    assert file.stat().st_mode & 0o777 == 0o600
    assert decode(file.read_bytes()) == facts()


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("ssh://root@127.0.0.1:22", "ssh-root-127.0.0.1-22"),
        ("unix:///run/docker.sock", "unix-run-docker.sock"),
        ("ssh://a@../..", "ssh-a-..-.."),
    ],
)
def test_a_facts_file_is_named_for_its_target(target, name):
    assert file_name(target) == name
