"""``manage.py audit``: audit targets now, in the foreground, without a database."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import IO, Any, NoReturn, cast

from django.core.management.base import BaseCommand

from hosts.connections.base import ConnectionFailed
from hosts.connections.options import ConnectOptions
from hosts.connections.target import Target
from posture.memory import settle
from scans.audit import read_host
from scans.codec import encode
from scans.facts import Facts
from scans.management.output import (
    EXIT_NOT_AUDITED,
    EXIT_USAGE,
    add_output_arguments,
    exit_code,
    policy,
    write_reports,
)
from scans.management.targets import (
    add_connection_arguments,
    connect_options,
    targets,
)
from scans.management.usage import UsageError
from scans.reports.document import judge
from scans.reports.text import visible

PARALLEL = 16
"""Targets read at once: one is waited for, not computed, so more than the cores."""


class Command(BaseCommand):
    help = (
        "Audit hosts now and print what is right, what is wrong and what could not be read. "
        "Exit status: 0 audited; 1 a check failed at or above --fail-on; 2 wrong usage; "
        "3 a target could not be audited."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_connection_arguments(parser)
        add_output_arguments(parser)
        parser.add_argument(
            "--facts-out", metavar="FILE", type=Path,
            help="Also write the facts that were read; a folder when there are several targets.",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        try:
            wanted, how = targets(options), connect_options(options)
            check_facts_out(options["facts_out"], len(wanted))
            rules = policy(options)
        except UsageError as problem:
            self.stop(EXIT_USAGE, f"audit: {problem}")
        settle()
        read, failures = read_all(wanted, how, Progress(self.stderr))
        reports = [judge(facts, rules) for facts in read]
        write_reports(cast("IO[str]", self.stdout), reports, options["format"])
        try:
            write_facts(read, options["facts_out"], folder=len(wanted) > 1)
        except OSError as problem:
            self.stop(EXIT_USAGE, f"audit: the facts were not written: {problem}", *failures)
        if failures:
            self.stop(EXIT_NOT_AUDITED, *failures)
        sys.exit(exit_code(reports, options["fail_on"]))

    def stop(self, code: int, *lines: str) -> NoReturn:
        """Say why on standard error, a line each, and end with an exit status."""
        for line in lines:
            self.stderr.write(line)
        sys.exit(code)


class Progress:
    """A line per host and phase on a terminal; silent elsewhere."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._lock = Lock()

    def of(self, target: Target) -> Callable[[str], None]:
        """A callback for one host."""

        def tell(phase: str) -> None:
            if self._stream.isatty():
                with self._lock:
                    self._stream.write(f"{target}  {phase}", lambda text: text)

        return tell


def read_all(
    wanted: tuple[Target, ...], how: ConnectOptions, progress: Progress
) -> tuple[list[Facts], list[str]]:
    """Facts of every target that could be reached, in order, and a line for each that could
    not."""
    read: list[Facts] = []
    failures: list[str] = []
    with ThreadPoolExecutor(min(PARALLEL, len(wanted))) as pool:
        pending = [(t, pool.submit(read_host, t, how, progress.of(t))) for t in wanted]
        for target, future in pending:
            try:
                read.append(future.result())
            except ConnectionFailed as problem:
                failures.append(f"{target}: {visible(str(problem), 1000)}")
            except Exception as bug:  # noqa: BLE001 - one host must not lose the others' audits
                what = visible(f"{type(bug).__name__}: {bug}", 300)
                failures.append(f"{target}: this program failed ({what}): please report it")
    return read, failures


def check_facts_out(path: Path | None, count: int) -> None:
    """Refuse an unusable ``--facts-out`` before anything is audited. Raises UsageError."""
    if path is None:
        return
    if count > 1 and path.exists() and not path.is_dir():
        raise UsageError(f"--facts-out must be a folder for {count} targets; {path} is a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--facts-out: there is no folder {path.absolute().parent}")


def write_facts(read: list[Facts], path: Path | None, *, folder: bool) -> None:
    """Write the facts to a file, or to a file per host in a folder. Readable by the owner only:
    they describe a host's weaknesses. Raises OSError."""
    if path is None:
        return
    if folder or path.is_dir():
        path.mkdir(mode=0o700, exist_ok=True)
    for facts in read:
        file = path / f"{file_name(facts.target)}.json" if path.is_dir() else path
        file.touch()
        file.chmod(0o600)  # before anything is in it, also where the file was there already
        file.write_bytes(encode(facts))


def file_name(target: str) -> str:
    """A target as a file name: ``ssh://root@127.0.0.1:22`` → ``ssh-root-127.0.0.1-22``."""
    kept = "".join(c if c.isalnum() or c in "._" else "-" for c in target)
    return "-".join(filter(None, kept.split("-"))).lstrip(".")
