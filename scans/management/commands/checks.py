"""``manage.py checks``: the catalogue."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand
from rich.table import Table

from scans.checks import all_checks
from scans.checks.core.registry import Check
from scans.management.output import console
from scans.prose import prose
from scans.reports import policy_docs
from scans.reports.catalogue_docs import pages


class Command(BaseCommand):
    help = "List every check: its item, id, severity, CIS numbers and title."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument(
            "--write-docs",
            type=Path,
            metavar="FOLDER",
            help="Write the documentation made from the code: checks/, and the keys of policy.md.",
        )

    def handle(self, **options: Any) -> None:
        if options["write_docs"]:
            _write(options["write_docs"])
        elif options["format"] == "json":
            self.stdout.write(json.dumps([_entry(c) for c in all_checks()], indent=2))
        else:
            console(cast("IO[str]", self.stdout)).print(_table(all_checks()))


def _write(folder: Path) -> None:
    written = pages()  # before anything is removed: a check without prose ends it here
    checks, policy = folder / "checks", folder / "policy.md"
    checks.mkdir(parents=True, exist_ok=True)
    for stale in checks.glob("*.md"):
        stale.unlink()
    for name, text in written.items():
        (checks / name).write_text(text, encoding="utf-8")
    if policy.is_file():
        renewed = policy_docs.page(policy.read_text(encoding="utf-8"))
        policy.write_text(renewed, encoding="utf-8")


def _entry(check: Check) -> dict[str, Any]:
    words = prose(check.id)
    return {
        "check": check.id,
        "item": check.item_number,
        "item_slug": check.item.slug,
        "severity": check.severity.value,
        "cis": {version: list(numbers) for version, numbers in check.cis.items()},
        "manual": check.manual,
        "needs": list(check.needs),
        "title": words.title,
        "why": words.why,
        "fix": words.fix,
    }


def _table(checks: tuple[Check, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Item", "Check", "Severity", "CIS 1.8.0", "Title"):
        table.add_column(heading, no_wrap=heading == "Check")
    for check in checks:
        cis = ", ".join(check.cis_1_8)
        item = f"{check.item_number} {check.item.slug}"
        table.add_row(item, check.id, check.severity.value, cis, prose(check.id).title)
    return table
