"""Writing reports from commands: the formats of ``--format``, the exit codes of ``--fail-on``."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import IO

from rich.console import Console

from posture import __version__
from scans.checks.core.model import Severity
from scans.reports.document import HostReport, document
from scans.reports.junit import junit_text
from scans.reports.rows import csv_text
from scans.reports.sarif import sarif_text
from scans.reports.table import print_report

FORMATS = ("table", "json", "sarif", "junit", "csv")

PIPE_WIDTH = 120

EXIT_AUDITED = 0
EXIT_FAILED_CHECK = 1
EXIT_USAGE = 2
EXIT_NOT_AUDITED = 3


def add_output_arguments(parser: ArgumentParser) -> None:
    """``--format`` and ``--fail-on``, shared by ``audit`` and ``evaluate``."""
    parser.add_argument(
        "--format", choices=FORMATS, default="table", help="How to write the results."
    )
    parser.add_argument(
        "--fail-on",
        choices=[severity.value for severity in Severity],
        metavar="SEVERITY",
        help="Exit with 1 when a check of this severity or above fails: critical, high, "
        "medium or low.",
    )


def write_reports(out: IO[str], reports: Sequence[HostReport], form: str) -> None:
    """Write reports in one of :data:`FORMATS`."""
    match form:
        case "json":
            out.write(json.dumps([document(report) for report in reports], indent=2) + "\n")
        case "sarif":
            out.write(sarif_text(reports, __version__))
        case "junit":
            out.write(junit_text(reports))
        case "csv":
            out.write(csv_text(reports))
        case _:
            for report in reports:
                print_report(console(out), report)


def console(out: IO[str]) -> Console:
    """A console that shows text as it is, in the terminal's width or in a pipe's fixed one."""
    width = None if out.isatty() else PIPE_WIDTH
    return Console(file=out, highlight=False, markup=False, width=width)


def exit_code(reports: Sequence[HostReport], fail_on: str | None) -> int:
    """1 if a failed check is at or above ``fail_on``, otherwise 0."""
    if fail_on is None:
        return EXIT_AUDITED
    line = Severity(fail_on).weight
    failed = (result for report in reports for result in report.failures)
    return EXIT_FAILED_CHECK if any(r.severity.weight >= line for r in failed) else EXIT_AUDITED
