"""Whatever a host answers in the place of a recorded value: facts or a refusal, nothing else."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from scans.collectors.engine.containers import read_container
from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.images import read_image, with_history
from scans.collectors.engine.info import read_engine
from scans.collectors.engine.networks import read_network
from scans.collectors.engine.plugins import read_plugins
from scans.collectors.engine.processes import read_processes
from scans.collectors.engine.swarm import read_service, read_swarm
from scans.collectors.engine.volumes import read_volume
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_26,
    PODMAN_5,
    containers,
    images,
    recording,
)

WEB, PLAIN, POD = recording(DOCKER_20), recording(DOCKER_26), recording(PODMAN_5)
IMAGE, HISTORY = images(WEB)["shop/legacy:latest"]
TOP = next(value for path, value in WEB.items() if "/top" in path)

Reader = Callable[[Any], Any]

READERS: list[tuple[Any, Reader]] = [
    (containers(WEB)["hardened"], lambda answer: read_container(answer, {})),
    (containers(WEB)["volumebind"], lambda answer: read_container(answer, {})),
    (containers(POD)["priv"], lambda answer: read_container(answer, {})),
    (IMAGE | {"Identity": {"Pull": [{"Repository": "alpine", "Size": 1}]}}, read_image),
    (HISTORY, lambda answer: with_history(read_image(IMAGE), answer)),
    (WEB["/info"], lambda answer: read_engine(WEB["/version"], answer, ())),
    (POD["/version"], lambda answer: read_engine(answer, POD["/info"], ())),
    (WEB["/networks"][0], read_network),
    (WEB["/volumes"]["Volumes"][0], read_volume),
    (PLAIN["/info"], read_swarm),
    (PLAIN["/services"][0], lambda answer: read_service(answer, ())),
    ([{"Name": "x", "Config": {"Interface": {"Types": ["docker.authz/1.0"]}}}],
     lambda answer: read_plugins(answer, WEB["/info"])),
    (TOP, read_processes),
]  # fmt: skip

NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "a" * 10_000, "=cmd()", "<b>", "/../../etc", "-1", "é" * 300]),
    st.lists(st.none() | st.text(max_size=5) | st.lists(st.none()), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5) | st.lists(st.none())),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a value."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """A copy of a value with another one at a path."""
    if not path:
        return by
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = by
    return changed


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused(data: st.DataObject) -> None:
    answer, read = data.draw(st.sampled_from(READERS))
    path = data.draw(st.sampled_from(list(places(answer))))
    try:
        found = read(replaced(answer, path, data.draw(NASTY)))
    except Unexpected:
        return
    # What was read can be stored, and holds no control character but in texts of several lines.
    stored = msgspec.json.encode(found)
    assert b"\\u0000" not in stored
