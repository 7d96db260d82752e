"""The advisories in use: the file that comes with Posture, or a newer one that was installed."""

import os
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scans.advisories.format import AdvisoriesError, parse
from scans.checks.core.advisories import Advisories

__all__ = ["SHIPPED", "Advisories", "AdvisoriesError", "current", "install", "read", "source"]

SHIPPED = Path(__file__).parent.parent / "data" / "advisories.toml"
MAX_BYTES = 4_000_000


def read(file: Path) -> Advisories:
    """The advisories of a file. Raises AdvisoriesError with a sentence that names what is wrong."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise AdvisoriesError(f"it is larger than {MAX_BYTES} bytes")
        return parse(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise AdvisoriesError(f"it can't be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise AdvisoriesError(f"it is not UTF-8 at byte {problem.start}") from problem


def source() -> Path:
    """The file in use: the newer one of the installed and the shipped.

    An installed file that can't be used is passed over; the system check says so.
    """
    installed = settings.ADVISORIES_FILE
    if installed is None or not installed.is_file():
        return SHIPPED
    try:
        newer = _cached(installed).date > _cached(SHIPPED).date
    except AdvisoriesError:
        return SHIPPED
    return installed if newer else SHIPPED


def current() -> Advisories:
    """The advisories in use."""
    return _cached(source())


def install(file: Path) -> Advisories:
    """Make a file the one in use, whole or not at all.

    Raises AdvisoriesError when it is not valid or not newer, or there is no place for it.
    """
    target = settings.ADVISORIES_FILE
    if target is None:
        raise AdvisoriesError("set POSTURE_ADVISORIES_FILE to the path where it shall be kept")
    new, old = read(file), current()
    if new.date <= old.date:
        raise AdvisoriesError(f"it is of {new.date}, and the data in use of {old.date}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, file.read_bytes())
    except OSError as problem:
        raise AdvisoriesError(f"{target} can't be written: {problem.strerror}") from problem
    return new


def _replace(target: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as temporary:
        try:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.chmod(temporary.name, 0o644)  # noqa: PTH101 - the name is that of an open file
            os.replace(temporary.name, target)  # noqa: PTH105
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise


def _cached(file: Path) -> Advisories:
    """A file's advisories, parsed again when it has changed: workers run for weeks."""
    try:
        state = file.stat()
    except OSError as problem:
        raise AdvisoriesError(f"it can't be read: {problem.strerror}") from problem
    return _read_once(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read_once(file: Path, _changed: int, _size: int) -> Advisories:
    return read(file)
