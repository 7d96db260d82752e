import subprocess
from pathlib import Path

import pytest

from hosts.connections import ConnectionFailed, Identity
from hosts.connections.keys import load_identity
from tests.hosts.connections.conftest import fingerprint, keygen


def refusal(identity: Identity) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as error:
        load_identity(identity)
    return error.value


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("form", [(), ("-m", "PEM"), ("-m", "PKCS8")])
def test_loads_every_type_in_every_format(tmp_path, kind, form):
    path = keygen(tmp_path / "key", *form, kind=kind)
    (key,) = load_identity(Identity(str(path)))
    assert key.fingerprint == fingerprint(path.with_suffix(".pub"))


def test_loads_a_key_from_its_text(tmp_path):
    path = keygen(tmp_path / "key")
    (key,) = load_identity(Identity(path.read_text()))
    assert key.fingerprint == fingerprint(path.with_suffix(".pub"))


@pytest.mark.parametrize("form", [(), ("-m", "PEM"), ("-m", "PKCS8")])
def test_loads_an_encrypted_key(tmp_path, form):
    path = keygen(tmp_path / "key", *form, kind="rsa", passphrase="correct horse")
    (key,) = load_identity(Identity(str(path), passphrase="correct horse"))
    assert key.fingerprint == fingerprint(path.with_suffix(".pub"))


def test_a_passphrase_that_is_not_needed_does_no_harm(tmp_path):
    path = keygen(tmp_path / "key")
    assert load_identity(Identity(str(path), passphrase="unused"))


@pytest.mark.parametrize("form", [(), ("-m", "PEM")])
def test_asks_for_the_passphrase_of_an_encrypted_key(tmp_path, form):
    path = keygen(tmp_path / "key", *form, kind="rsa", passphrase="correct horse")
    error = refusal(Identity(str(path)))
    assert (error.code, error.retryable) == ("key-passphrase", False)
    assert "give its passphrase" in error.reason


def test_says_that_the_passphrase_is_wrong_without_repeating_it(tmp_path):
    path = keygen(tmp_path / "key", passphrase="correct horse")
    error = refusal(Identity(str(path), passphrase="battery staple"))
    assert error.code == "key-passphrase"
    assert "battery" not in error.reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no private key"),
        ("hello", "no private key"),
        ("ssh-ed25519 AAAA", "a public key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "damaged"),
    ],
)
def test_says_what_a_file_is_instead_of_a_key(tmp_path, content, said):
    path = tmp_path / "key"
    path.write_text(content)
    error = refusal(Identity(str(path)))
    assert error.code == "key-unreadable"
    assert said in error.reason


def test_says_that_a_file_is_not_there(tmp_path):
    assert "No such file" in refusal(Identity(str(tmp_path / "absent"))).reason


def test_never_shows_the_text_of_a_damaged_key(tmp_path):
    lines = keygen(tmp_path / "key").read_text().splitlines(keepends=True)
    text, secret = "".join(lines[:2] + lines[3:]), lines[1].strip()
    error = refusal(Identity(text))
    assert secret not in error.reason
    assert secret not in repr(Identity(text))


def certify(key: Path, ca: Path) -> Path:
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(ca), "-I", "test", "-n", "root", f"{key}.pub"], check=True
    )
    return Path(f"{key}-cert.pub")


def test_offers_the_certificate_beside_a_key_first_then_the_key(tmp_path):
    key = keygen(tmp_path / "key")
    certify(key, keygen(tmp_path / "ca"))
    certified, bare = load_identity(Identity(str(key)))
    assert certified.public_blob.key_type == "ssh-ed25519-cert-v01@openssh.com"
    assert getattr(bare, "public_blob", None) is None


def test_takes_key_and_certificate_from_their_texts(tmp_path):
    key = keygen(tmp_path / "key")
    certificate = certify(key, keygen(tmp_path / "ca"))
    assert len(load_identity(Identity(key.read_text(), certificate=certificate.read_text()))) == 2


def test_refuses_a_certificate_of_another_kind_of_key(tmp_path):
    key, other = keygen(tmp_path / "key"), keygen(tmp_path / "other", kind="ecdsa")
    certificate = certify(other, keygen(tmp_path / "ca"))
    error = refusal(Identity(str(key), certificate=str(certificate)))
    assert "not an OpenSSH certificate of that key" in error.reason
