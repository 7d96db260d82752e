"""``manage.py evaluate``: judge facts from a file, no host needed."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand

from scans.codec import FactsError, decode
from scans.facts import Facts
from scans.management.output import (
    EXIT_USAGE,
    add_output_arguments,
    exit_code,
    policy,
    write_reports,
)
from scans.management.usage import UsageError
from scans.reports.document import judge


class Command(BaseCommand):
    help = (
        "Judge facts that 'audit --facts-out' wrote. Exit status: 0 judged; 1 a check failed at "
        "or above --fail-on; 2 wrong usage or a file that is no facts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("facts", nargs="+", type=Path, metavar="FACTS.json")
        add_output_arguments(parser)

    def handle(self, **options: Any) -> None:
        try:
            rules = policy(options)
            reports = [judge(_read(file), rules) for file in options["facts"]]
        except UsageError as problem:
            self.stderr.write(f"evaluate: {problem}")
            sys.exit(EXIT_USAGE)
        write_reports(cast("IO[str]", self.stdout), reports, options["format"])
        sys.exit(exit_code(reports, options["fail_on"]))


def _read(file: Path) -> Facts:
    try:
        return decode(file.read_bytes())
    except (OSError, FactsError) as problem:
        raise UsageError(f"{file}: {problem}") from problem
