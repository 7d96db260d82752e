"""Facts as a hostile or broken host might make them: right in type, odd in every value."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from scans.facts import Facts

SECTIONS = tuple(
    field.name
    for field in fields(Facts)
    if field.name not in ("schema", "host", "target", "started_at", "finished_at", "access")
)
"""The parts of the facts that a host fills."""

WORDS = (
    "", " ", "/", "//", "..", "/var/run/docker.sock", "/run", "host", "container:", "container:web",
    "ns:/proc/1/ns/net", "0", "-1", "root:root", "0:0", "ALL", "unconfined", "seccomp=unconfined",
    "label=disable", "no-new-privileges:false", "name=seccomp,profile=", "a *:* rwm", "none",
    "0.0.0.0", "[::]", "tcp://", "tcp://[::", "tcp://0.0.0.0:99999", "fd://", "-w", "-w / -p",
    "-a always,exit -F path=", "{", "{name}", "{0}", "%s", "<script>", "a\nb", "\x00", "\x1b[31m",
    "\u202e", "\ud7ff", "é", "容器", "²", "x" * 5000, "sha256:", "@sha256:", ":latest", "29",
    "v1.2-rc",
)  # fmt: skip
NUMBERS = (-(2**63), -1, 0, 1, 2, 999, 1000, 1024, 65535, 65536, 4294967295, 2**63)

TEXTS = st.sampled_from(WORDS) | st.text(max_size=8)
INTEGERS = st.sampled_from(NUMBERS)
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: INTEGERS,
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    datetime: MOMENTS,
    Any: JSON,
    NoneType: st.none(),
}


def section(name: str) -> st.SearchStrategy[Any]:
    """Values of the type that a section of the facts has."""
    return of_type(get_type_hints(Facts)[name])


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the facts use them: leaves, tuples, mappings, dataclasses, unions."""
    if hint in LEAVES:
        return LEAVES[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return dataclass(hint)
    if origin in (Union, UnionType):
        return st.one_of(*map(of_type, arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(of_type(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of_type, arguments))
    return st.dictionaries(of_type(arguments[0]), of_type(arguments[1]), max_size=3)


def dataclass(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Objects of a dataclass; the strategies of its fields are made when they are first drawn."""
    hints = get_type_hints(kind)
    return st.deferred(
        lambda: st.builds(kind, **{f.name: of_type(hints[f.name]) for f in fields(kind)})
    )
