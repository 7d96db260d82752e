"""Run ``manage.py`` as a person does, in this process."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from django.core.management import execute_from_command_line

ROOT = Path(__file__).parents[3]


@dataclass
class Done:
    """What a command ended with."""

    returncode: int
    stdout: str
    stderr: str


def manage(*arguments: object) -> Done:
    """Exit status, standard output and standard error of one command."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            execute_from_command_line(["manage.py", *map(str, arguments)])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())
