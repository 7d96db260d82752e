"""Writing reports from commands: the formats of ``--format``, the exit codes of ``--fail-on``."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from rich.console import Console

from posture import __version__
from scans.checks.core.model import Severity
from scans.checks.core.policy import DEFAULT, Policy
from scans.management.usage import UsageError
from scans.policy import PolicyError, load
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
    """``--format``, ``--fail-on`` and ``--policy``, shared by ``audit`` and ``evaluate``."""
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="What your organisation decides, as TOML "
        "(docs/policy.md). Default: POSTURE_POLICY_FILE, or none.",
    )
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


def policy(options: Mapping[str, Any]) -> Policy:
    """The policy that ``--policy`` or ``POSTURE_POLICY_FILE`` names, or the default one.

    Raises :class:`UsageError` with a line for each thing that is wrong with it.
    """
    path = options["policy"] or settings.POLICY_FILE
    if path is None:
        return DEFAULT
    try:
        return load(path)
    except (PolicyError, OSError) as problem:
        raise UsageError(str(problem)) from problem


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
