"""How privileged files differ from those of an earlier inventory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from scans.facts import PrivilegedFile, SuidInventory

Kind = Literal["added", "removed", "changed", "updated", "undecided"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it was."""

    kind: Kind
    """``updated``: changed, and as its package delivers it now; ``undecided``: what was read of
    one of both is not enough to tell."""
    before: PrivilegedFile | None
    now: PrivilegedFile | None
    changes: tuple[str, ...] = ()
    """What changed: ``mode``, ``owner``, ``content``, ``capabilities``."""

    @property
    def path(self) -> str:
        """Where the file is, or was."""
        file = self.now or self.before
        return file.path if file else ""


def drift(before: Iterable[PrivilegedFile], inventory: SuidInventory) -> Iterator[Difference]:
    """The differences of an inventory from what was there before, by path.

    Files on a nosuid mount have no effect and count as absent. A file that an incomplete search
    did not find is undecided; so are file capabilities that could not be listed.
    """
    old = {file.path: file for file in before if not file.nosuid}
    new = {file.path: file for file in inventory.files if not file.nosuid}
    for path in sorted({*old, *new}):
        was, now = old.get(path), new.get(path)
        if was is None:
            yield Difference("added", None, now)
        elif now is None:
            yield Difference("removed" if _surely_gone(was, inventory) else "undecided", was, None)
        else:
            yield from _compared(was, now, inventory)


def _surely_gone(was: PrivilegedFile, inventory: SuidInventory) -> bool:
    if not inventory.complete:
        return False
    return bool(was.mode & 0o6000) or inventory.capabilities_read


def _compared(
    was: PrivilegedFile, now: PrivilegedFile, inventory: SuidInventory
) -> Iterator[Difference]:
    same_content = _same_content(was, now)
    changed = {
        "mode": was.mode != now.mode,
        "owner": (was.uid, was.gid) != (now.uid, now.gid),
        "capabilities": inventory.capabilities_read and was.capabilities != now.capabilities,
        "content": same_content is False,
    }
    names = tuple(name for name, differs in changed.items() if differs)
    if names == ("content",) and _is_update(was, now):
        yield Difference("updated", was, now, names)
    elif names:
        yield Difference("changed", was, now, names)
    elif same_content is None or (was.capabilities and not inventory.capabilities_read):
        yield Difference("undecided", was, now)


def _same_content(was: PrivilegedFile, now: PrivilegedFile) -> bool | None:
    """By digest, or by size where a digest is missing: the same size proves nothing."""
    if was.sha256 is not None and now.sha256 is not None:
        return was.sha256 == now.sha256
    return None if was.size == now.size else False


def _is_update(was: PrivilegedFile, now: PrivilegedFile) -> bool:
    """Whether a package manager replaced it: the same package owned it before and says now that
    the file is as delivered."""
    return now.provenance == "unchanged" and now.package is not None and was.package == now.package
