"""SSH keys, the SSH user authority and the TLS certificates: made once, kept with the cache."""

from pathlib import Path

from fleet.shell import run

PASSPHRASE = "correct horse"
"""Of the encrypted key. All secrets of the lab are public: it listens on 127.0.0.1 alone."""

CERTIFICATE_DAYS = "3650"


def make(folder: Path) -> None:
    """Make every key and certificate that is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    make_ssh_key(folder / "id_ed25519")
    make_ssh_key(folder / "id_encrypted", PASSPHRASE)
    make_ssh_key(folder / "user-ca")
    make_ssh_key(folder / "id_certified")
    if not (folder / "id_certified-cert.pub").exists():
        who = ["-I", "posture-lab", "-n", "certified", "-V", "always:forever"]
        run(["ssh-keygen", "-q", "-s", folder / "user-ca", *who, folder / "id_certified.pub"])
    make_tls(folder / "tls")


def make_ssh_key(path: Path, passphrase: str = "") -> None:
    """Make an ed25519 key pair unless it exists."""
    if not path.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", path.name, "-f", path])


def make_tls(folder: Path) -> None:
    """Make an authority, a server certificate for 127.0.0.1 and a client certificate."""
    if (folder / "client.pem").exists():
        return
    folder.mkdir(exist_ok=True)
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    authority = ["-x509", "-days", CERTIFICATE_DAYS, "-subj", "/CN=posture lab authority"]
    run([*new, *authority, "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem"])
    extensions = {
        "server": "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n",
        "client": "extendedKeyUsage=clientAuth\n",
    }
    for name, text in extensions.items():
        (folder / f"{name}.ext").write_text(text)
        request = ["-subj", f"/CN={name}", "-keyout", folder / f"{name}-key.pem"]
        run([*new, *request, "-out", folder / f"{name}.csr"])
        signer = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca-key.pem", "-CAcreateserial"]
        what = ["-in", folder / f"{name}.csr", "-extfile", folder / f"{name}.ext"]
        days = ["-days", CERTIFICATE_DAYS, "-out", folder / f"{name}.pem"]
        run(["openssl", "x509", "-req", *signer, *what, *days])
