"""The hosts: their definitions, and making, starting and removing the containers they are."""

import hashlib
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet import rootfs
from fleet.engine import BACK, FRONT, Engine
from fleet.settings import SOURCE, LabError, Paths

NETWORKS = {"front": (FRONT,), "back": (BACK,), "both": (FRONT, BACK)}
DATA = {"docker": "/var/lib/docker", "podman": "/var/lib/containers"}
PUBLIC_KEYS = ("id_ed25519.pub", "id_encrypted.pub", "user-ca.pub")
SERVER_TLS = ("ca.pem", "server.pem", "server-key.pem")


@dataclass(frozen=True)
class Host:
    """One folder of tests/lab/hosts, as its host.toml describes it."""

    name: str
    summary: str
    rootfs: rootfs.RootFilesystem
    engine: str
    network: str
    publish: dict[int, int]
    ways: tuple[dict[str, Any], ...]
    on_demand: bool

    @property
    def folder(self) -> Path:
        """Where the definition lies in the checkout."""
        return SOURCE / "hosts" / self.name

    @property
    def container(self) -> str:
        """The container's name in the outer engine."""
        return f"posture-lab-{self.name}"


def load(name: str) -> Host:
    """Read one host's definition. Raises LabError when there is no such host."""
    file = SOURCE / "hosts" / name / "host.toml"
    if not file.is_file():
        raise LabError(f"There is no host {name!r}; the lab has {', '.join(names())}.")
    table = tomllib.loads(file.read_text())
    return Host(
        name=name,
        summary=table["summary"],
        rootfs=rootfs.load(table["rootfs"]),
        engine=table["engine"],
        network=table["network"],
        publish={int(offset): port for offset, port in table.get("publish", {}).items()},
        ways=tuple(table.get("ways", ())),
        on_demand=table.get("on_demand", False),
    )


def names() -> list[str]:
    """The names of all hosts, sorted."""
    return sorted(file.parent.name for file in (SOURCE / "hosts").glob("*/host.toml"))


def definition(host: Host, port_base: int, paths: Paths) -> str:
    """A digest of everything that decides what the host is; a change means building it anew."""
    digest = hashlib.sha256(f"{host.rootfs.image} {port_base}".encode())
    parts = [*(SOURCE / "guest").rglob("*"), *host.folder.rglob("*")]
    parts += [paths.keys / key for key in PUBLIC_KEYS]
    # Not by the whole path: two checkouts of the same state are to share what was built.
    for file in sorted(parts, key=lambda file: (file.parent.name, file.name)):
        # What is expected of a host does not change the host.
        if file.is_file() and not file.name.startswith("expected"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def start(host: Host, engine: Engine, paths: Paths, port_base: int) -> None:
    """Bring one host to running and set up; made anew if its definition has changed.

    Raises LabError when its set-up failed.
    """
    wanted = definition(host, port_base, paths)
    record = paths.made / host.name
    if not record.exists() or record.read_text() != wanted or not exists(host, engine):
        # A record is written at the very end, so a host that was not finished is made anew too.
        record.unlink(missing_ok=True)
        sys.stderr.write(f"Making {host.name}\n")
        if exists(host, engine):
            engine.docker("rm", "-f", "-v", host.container)
        create(host, engine, paths, port_base)
    engine.docker("start", host.container)
    try:
        engine.docker("exec", host.container, "/lab/guest/wait-ready")
    except LabError as failure:
        remark = engine.docker("logs", "--tail", "5", host.container)
        raise LabError(f"Host {host.name} was not set up: {failure} {remark}") from failure
    paths.made.mkdir(exist_ok=True)
    record.write_text(wanted)


def create(host: Host, engine: Engine, paths: Paths, port_base: int) -> None:
    """Create the host's container, not started, with its own files in /lab."""
    networks = NETWORKS[host.network]
    options = ["--privileged", "--cgroupns", "private", "--tmpfs", "/run:rw,nosuid,mode=755"]
    options += ["--hostname", host.name, "--network", networks[0]]
    if networks[0] == BACK:
        options += ["--network-alias", host.name]
    for offset, port in host.publish.items():
        options += ["-p", f"127.0.0.1:{port_base + offset}:{port}"]
    if host.engine in DATA:
        options += ["-v", DATA[host.engine]]
    entry = ["/lab/guest/entry", host.engine]
    engine.docker("create", "--name", host.container, *options, host.rootfs.image, *entry)
    for network in networks[1:]:
        engine.docker("network", "connect", network, host.container)
    copy_in(host, engine, paths)


def copy_in(host: Host, engine: Engine, paths: Paths) -> None:
    """Put the scripts, the host's folder and the keys it needs into its container."""
    stage = paths.root / "build" / f"stage-{host.name}"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(SOURCE / "guest", stage / "guest")
    shutil.copytree(host.folder, stage / "host")
    (stage / "keys").mkdir()
    (stage / "state").mkdir()
    for key in PUBLIC_KEYS:
        shutil.copy(paths.keys / key, stage / "keys")
    for file in SERVER_TLS:
        shutil.copy(paths.keys / "tls" / file, stage / "keys")
    engine.docker("cp", stage, f"{host.container}:/lab")
    shutil.rmtree(stage)


def exists(host: Host, engine: Engine) -> bool:
    """Whether the host's container is there, running or not."""
    return bool(engine.docker("ps", "-aq", "--filter", f"name=^/{host.container}$"))


def is_running(host: Host, engine: Engine) -> bool:
    """Whether the host's container runs."""
    return bool(engine.docker("ps", "-q", "--filter", f"name=^/{host.container}$"))
