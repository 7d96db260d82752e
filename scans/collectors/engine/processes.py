"""``GET /containers/{id}/top`` → processes of a container, without entering it.

Docker runs ``ps`` on its host and keeps the container's processes; the answer is a table with the
columns that were asked for, or those of ``ps -ef``. Podman reads /proc itself.
"""

from collections.abc import Iterable
from typing import Any

from hosts.connections.redact import redact_text
from scans.collectors.engine import fields
from scans.facts import TopProcess

DOCKER_COLUMNS = "-eo pid,ppid,uid,comm,args"
"""Numbers instead of users' names, and the program's own name beside its command line."""

PODMAN_COLUMNS = "hpid,huser,comm,args"
"""Podman's own descriptors: with options of ps it would run ps inside the container."""

MAX_COMMAND = 1024

_PIDS = ("PID", "HPID")
_USERS = ("UID", "HUSER", "USER")
_NAMES = ("COMMAND", "CMD")


def read_processes(answer: Any) -> tuple[TopProcess, ...]:
    """The rows of the table. Raises Unexpected."""
    titles = fields.strings(answer, "Titles")
    rows = fields.items(answer, "Processes")
    return tuple(_process(titles, fields.raw_strings({"row": row}, "row")) for row in rows)


def _process(titles: tuple[str, ...], row: list[str]) -> TopProcess:
    if len(row) != len(titles):
        raise fields.Unexpected("a row of processes is not as long as the titles")
    cells = dict(zip(reversed(titles), reversed(row), strict=True))
    parent = cells.get("PPID")
    return TopProcess(
        pid=_number(_cell(cells, _PIDS)),
        parent=None if parent is None else _number(parent),
        uid=_uid(_cell(cells, _USERS)),
        # The first of two equal titles is the program's name, the last its command line.
        name=_name(_cell(cells, _NAMES)),
        command=fields.block(redact_text(row[-1]), MAX_COMMAND),
    )


def _cell(cells: dict[str, str], titles: Iterable[str]) -> str:
    for title in titles:
        if title in cells:
            return cells[title]
    raise fields.Unexpected("a column of processes is not there")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 11):
        raise fields.Unexpected("a process's number is not a number")
    return int(text)


def _uid(user: str) -> int | None:
    if user == "root":
        return 0
    return _number(user) if user.isdecimal() else None


def _name(command: str) -> str:
    """The program's name: what ps calls it, or the last part of the command's first word."""
    program = (command.split() or [""])[0]
    return fields.line(program.rpartition("/")[2].removesuffix(":")[:64])
