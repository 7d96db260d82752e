"""``manage.py advisories``: the vulnerabilities and release lines that versions are judged by."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from scans.advisories import SHIPPED, Advisories, AdvisoriesError, current, install, read, source
from scans.checks.core.advisories import Line
from scans.management.output import EXIT_USAGE, console


class Command(BaseCommand):
    help = (
        "Show the advisories in use: vulnerabilities of engines and the kernel, and how long "
        "release lines get security fixes. Check or install a newer file of them. Exit status: "
        "0 done; 2 a file that can't be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["table", "json"], default="table")
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--validate", type=Path, metavar="FILE", help="Check a file, and change nothing."
        )
        action.add_argument(
            "--install", type=Path, metavar="FILE",
            help="Use a file that is newer than the one in use, from now on.",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        checked, installed = options["validate"], options["install"]
        try:
            if checked:
                self.stdout.write(f"{checked} is valid: {summary(read(checked))}")
            elif installed:
                self.stdout.write(f"{installed} is installed: {summary(install(installed))}")
            else:
                self.show(options["format"])
        except AdvisoriesError as problem:
            self.stop(f"advisories: {checked or installed}: {problem}")

    def show(self, form: str) -> None:
        """Write all data in use to standard output."""
        data = current()
        if form == "json":
            self.stdout.write(json.dumps(document(data), indent=2))
        else:
            print_tables(console(cast("IO[str]", self.stdout)), data)

    def stop(self, line: str) -> NoReturn:
        """Say why on standard error and end."""
        self.stderr.write(line)
        sys.exit(EXIT_USAGE)


def summary(data: Advisories) -> str:
    """``93 advisories and 69 release lines of 2026-11-24``."""
    return f"{len(data.advisories)} advisories and {len(data.lines)} release lines of {data.date}"


def document(data: Advisories) -> dict[str, Any]:
    """The data as JSON, in the words of the file's keys."""
    return {
        "file": str(source()),
        "date": data.date.isoformat(),
        "advisories": [asdict(entry) for entry in data.advisories],
        "lines": [
            asdict(line) | {"supported_until": _day(line, "supported_until"),
                            "extended_until": _day(line, "extended_until")}
            for line in data.lines
        ],
    }  # fmt: skip


def print_tables(out: Console, data: Advisories) -> None:
    """A table of vulnerabilities, one of release lines, and what they come from."""
    out.print(_vulnerabilities(data))
    out.print()
    out.print(_lines(data))
    age = (datetime.now(UTC).date() - data.date).days
    origin = "that come with Posture" if source() == SHIPPED else f"of {source()}"
    out.print(f"\n{summary(data)} ({age} days old), {origin}", soft_wrap=True)


def _vulnerabilities(data: Advisories) -> Table:
    table = _table("Component", "Advisory", "Severity", "Fixed", "Reachable when", "What")
    for entry in data.advisories:
        conditions = " and ".join(entry.reachable_when) or "always"
        fixed = ", ".join(entry.fixed)
        table.add_row(
            entry.component, entry.id, entry.severity.value, fixed, conditions, entry.title
        )
    return table


def _lines(data: Advisories) -> Table:
    table = _table("Component", "Line", "Fixes until", "Extended until")
    for line in data.lines:
        extended = _day(line, "extended_until")
        paid = f"{extended} ({line.extended_by})" if extended else ""
        table.add_row(line.component, line.name, _day(line, "supported_until") or "open", paid)
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading in ("Component", "Advisory", "Severity"))
    return table


def _day(line: Line, field: str) -> str | None:
    day = getattr(line, field)
    return day.isoformat() if day else None
