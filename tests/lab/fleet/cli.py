"""The commands of `tests/lab/lab`."""

import argparse
import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from fleet import hosts, inventory, keys, prerequisites, rootfs
from fleet.engine import Engine
from fleet.hosts import Host
from fleet.settings import CannotRun, LabError, Paths, paths, port_base

CANNOT_RUN = 77
"""The exit status that test runners read as "skipped"."""

AT_ONCE = 3
"""Hosts that start at the same time; their engines are busy then."""

SCALE_HOST = "bench"
DOWN = "The lab is down; start it with `lab up`."


def main(words: list[str]) -> int:
    """Run one command; returns the exit status."""
    arguments = parser().parse_args(words)
    try:
        return int(arguments.run(arguments, paths()) or 0)
    except CannotRun as lack:
        print(lack, file=sys.stderr)
        return CANNOT_RUN
    except LabError as problem:
        print(problem, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="lab", description="A fleet of real container hosts.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    up_ = commands.add_parser("up", help="start the lab, building what is missing")
    up_.add_argument("hosts", nargs="*", metavar="HOST", help="only these")
    up_.set_defaults(run=up)
    commands.add_parser("down", help="stop everything, keep the cache").set_defaults(run=down)
    commands.add_parser("status", help="show the hosts").set_defaults(run=status)
    commands.add_parser("clean", help="stop and delete the cache").set_defaults(run=clean)

    scale_ = commands.add_parser("scale", help="run exactly N containers on the host bench")
    scale_.add_argument("count", type=int, metavar="N")
    scale_.set_defaults(run=scale)

    exec_ = commands.add_parser("exec", help="run a command as root in a host")
    exec_.add_argument("host", metavar="HOST")
    exec_.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    exec_.set_defaults(run=execute)
    return top


@contextlib.contextmanager
def locked(where: Paths) -> Iterator[None]:
    """Let one command at a time change the lab; others wait."""
    where.root.mkdir(parents=True, exist_ok=True)
    with where.root.with_name(f"{where.root.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another lab command is running; waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(arguments: argparse.Namespace, where: Paths) -> None:
    """Start the lab or some of its hosts."""
    began = time.monotonic()
    wanted = [hosts.load(name) for name in arguments.hosts or hosts.names()]
    if not arguments.hosts:
        wanted = [host for host in wanted if not host.on_demand]
    prerequisites.check()
    with locked(where):
        start(wanted, where)
    seconds = time.monotonic() - began
    print(inventory.table(inventory.read(where)))
    print(f"Up after {seconds:.1f} s; inventory: {where.inventory}")


def start(wanted: list[Host], where: Paths) -> None:
    """Bring hosts up and write the inventory of all that run."""
    base = port_base()
    keys.make(where.keys)
    engine = Engine(where)
    engine.start()
    rootfs.build_all((host.rootfs for host in wanted), engine, where)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda host: hosts.start(host, engine, where, base), wanted))
    everyone = [hosts.load(name) for name in hosts.names()]
    running = [host for host in everyone if hosts.is_running(host, engine)]
    inventory.write(running, engine, where, base)


def down(arguments: argparse.Namespace, where: Paths) -> None:
    """Stop the hosts and the outer engine; what was built stays."""
    prerequisites.require_root()
    if not where.root.exists():
        return
    with locked(where):
        Engine(where).stop()
        where.inventory.unlink(missing_ok=True)


def clean(arguments: argparse.Namespace, where: Paths) -> None:
    """Stop everything and delete all that the lab has made."""
    down(arguments, where)
    if where.root.exists():
        shutil.rmtree(where.root)
    where.root.with_name(f"{where.root.name}.lock").unlink(missing_ok=True)


def status(arguments: argparse.Namespace, where: Paths) -> int:
    """Print the hosts; the status is 1 when the lab is down."""
    if not Engine(where).running():
        print(DOWN)
        return 1
    print(inventory.table(inventory.read(where)))
    return 0


def scale(arguments: argparse.Namespace, where: Paths) -> None:
    """Make the benchmark host run exactly so many containers, starting it if need be."""
    if not 0 <= arguments.count <= 999:
        raise LabError(f"{arguments.count} containers are out of range: give 0 to 999.")
    prerequisites.check()
    with locked(where):
        bench = hosts.load(SCALE_HOST)
        start([bench], where)
        engine = Engine(where)
        script = "/lab/host/scale.sh"
        print(engine.docker("exec", bench.container, "sh", "-eu", script, str(arguments.count)))


def execute(arguments: argparse.Namespace, where: Paths) -> int:
    """Replace this process by a command in a host."""
    prerequisites.require_root()
    host = hosts.load(arguments.host)
    if not Engine(where).running():
        raise LabError(DOWN)
    words = [word for word in arguments.command if word != "--"] or ["bash"]
    terminal = ["-it"] if sys.stdin.isatty() else ["-i"]
    socket = f"unix://{Engine(where).socket}"
    os.execvp("docker", ["docker", "-H", socket, "exec", *terminal, host.container, *words])
