import subprocess
import threading
from pathlib import Path

import pytest

from hosts.connections import ConnectionFailed, HostKeyRefused, KnownHosts
from hosts.connections.known_hosts import HostKey, Trust
from tests.hosts.connections.conftest import fingerprint, keygen


def key_line(public_key: Path) -> str:
    return " ".join(public_key.read_text().split()[:2])


@pytest.fixture
def public_key(tmp_path: Path) -> Path:
    return keygen(tmp_path / "host").with_suffix(".pub")


@pytest.fixture
def other_key(tmp_path: Path) -> Path:
    return keygen(tmp_path / "other").with_suffix(".pub")


def offered(public_key: Path) -> HostKey:
    """The key as the host offers it, read by way of a pinned one."""
    return Trust(KnownHosts(pinned=(key_line(public_key),)), "any", 22).trusted[0]


def trust(file: Path, host: str = "db1", port: int = 22, **policy: bool) -> Trust:
    return Trust(KnownHosts(files=(file,), **policy), host, port)


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "known_hosts"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("names", "host", "port"),
    [
        ("db1", "db1", 22),
        ("db1", "DB1", 22),
        ("other,db1", "db1", 22),
        ("[db1]:2222", "db1", 2222),
        ("db1", "db1", 2222),
        ("*.example.org", "db1.example.org", 22),
        ("db?", "db1", 22),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222),
    ],
)
def test_trusts_a_listed_key(tmp_path, public_key, names, host, port):
    file = write(tmp_path, f"# comment\n\n{names} {public_key.read_text()}")
    trust(file, host, port).check(offered(public_key))


@pytest.mark.parametrize("names", ["db2", "[db1]:2222", "*.example.org", "db*,!db1", "[db1"])
def test_does_not_trust_a_key_listed_for(tmp_path, public_key, names):
    file = write(tmp_path, f"{names} {public_key.read_text()}")
    with pytest.raises(HostKeyRefused, match="not known"):
        trust(file).check(offered(public_key))


def test_finds_names_that_ssh_keygen_hashed(tmp_path, public_key):
    file = write(tmp_path, f"[db1]:2222 {public_key.read_text()}")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert "db1" not in file.read_text()
    trust(file, port=2222).check(offered(public_key))


def test_shows_the_fingerprint_of_an_unknown_key_as_ssh_keygen_does(tmp_path, public_key):
    with pytest.raises(HostKeyRefused) as error:
        trust(tmp_path / "absent").check(offered(public_key))
    assert error.value.code == "host-key-unknown"
    assert fingerprint(public_key) in error.value.reason
    assert error.value.offered == key_line(public_key)


def test_shows_both_fingerprints_of_a_changed_key(tmp_path, public_key, other_key):
    file = write(tmp_path, f"db1 {public_key.read_text()}")
    with pytest.raises(HostKeyRefused) as error:
        trust(file).check(offered(other_key))
    assert error.value.code == "host-key-changed"
    assert fingerprint(public_key) in error.value.reason
    assert fingerprint(other_key) in error.value.reason
    assert error.value.expected == (fingerprint(public_key),)
    assert not error.value.retryable


def test_refuses_a_revoked_key_even_where_it_is_listed(tmp_path, public_key):
    file = write(tmp_path, f"db1 {public_key.read_text()}@revoked * {public_key.read_text()}")
    with pytest.raises(HostKeyRefused, match="revoked"):
        trust(file).check(offered(public_key))


def test_says_that_a_certificate_authority_is_not_supported(tmp_path, public_key, other_key):
    file = write(tmp_path, f"@cert-authority db1 {other_key.read_text()}")
    with pytest.raises(HostKeyRefused, match="certificate authority, which is not supported"):
        trust(file, accept_new=True).check(offered(public_key))


def test_ignores_lines_that_ssh_ignores(tmp_path, public_key):
    junk = f"db1\ndb1 ssh-ed25519\ndb1 ssh-ed25519 !!!!\n|1|bad db1\n\x00\n@x\ndb1 {'A' * 9}\n"
    file = write(tmp_path, junk + f"db1 {public_key.read_text()}")
    trust(file).check(offered(public_key))


def test_a_pinned_key_stands_alone(tmp_path, public_key, other_key):
    file = write(tmp_path, f"db1 {other_key.read_text()}")
    pinned = Trust(KnownHosts(files=(file,), pinned=(key_line(public_key),)), "db1", 22)
    pinned.check(offered(public_key))
    with pytest.raises(HostKeyRefused, match="has changed"):
        pinned.check(offered(other_key))


def test_refuses_a_pinned_key_that_is_none():
    with pytest.raises(ConnectionFailed, match="enrol the host anew"):
        Trust(KnownHosts(pinned=("nonsense",)), "db1", 22)


def test_accepting_new_keys_records_one_that_ssh_keygen_finds(tmp_path, public_key):
    file = tmp_path / "new" / "known_hosts"
    trust(file, port=2222, accept_new=True).check(offered(public_key))
    found = subprocess.run(
        ["ssh-keygen", "-F", "[db1]:2222", "-f", str(file)], capture_output=True, text=True
    )
    assert key_line(public_key) in found.stdout
    assert file.stat().st_mode & 0o777 == 0o600


def test_accepting_new_keys_appends_after_a_line_without_an_end(tmp_path, public_key, other_key):
    file = write(tmp_path, f"db2 {key_line(other_key)}")
    trust(file, accept_new=True).check(offered(public_key))
    assert file.read_text() == f"db2 {key_line(other_key)}\ndb1 {key_line(public_key)}\n"


def test_accepting_new_keys_never_replaces_a_changed_one(tmp_path, public_key, other_key):
    file = write(tmp_path, f"db1 {public_key.read_text()}")
    with pytest.raises(HostKeyRefused, match="has changed"):
        trust(file, accept_new=True).check(offered(other_key))
    assert key_line(other_key) not in file.read_text()


def test_of_two_sessions_that_meet_a_host_first_one_key_is_recorded(
    tmp_path, public_key, other_key
):
    file = tmp_path / "known_hosts"
    sessions = [trust(file, accept_new=True) for _ in range(2)]
    sessions[0].check(offered(public_key))
    with pytest.raises(HostKeyRefused, match="has changed"):
        sessions[1].check(offered(other_key))


def test_sessions_that_record_at_once_leave_whole_lines(tmp_path, public_key):
    file = tmp_path / "known_hosts"
    key = offered(public_key)

    def meet(number: int) -> None:
        trust(file, host=f"h{number}", accept_new=True).check(key)

    threads = [threading.Thread(target=meet, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(file.read_text().splitlines()) == sorted(f"h{n} {key}" for n in range(20))


def test_says_so_when_the_key_cannot_be_recorded(tmp_path, public_key):
    blocked = write(tmp_path, "") / "known_hosts"
    with pytest.raises(ConnectionFailed, match="can't be re"):
        trust(blocked, accept_new=True).check(offered(public_key))


def test_accepting_new_keys_needs_a_file():
    with pytest.raises(ValueError, match="needs a known_hosts file"):
        KnownHosts(accept_new=True)
