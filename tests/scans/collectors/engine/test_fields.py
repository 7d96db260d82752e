"""The readers of the engine's JSON: defaults for what is missing, refusal of what is wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scans.collectors.engine import fields
from scans.collectors.engine.fields import Unexpected


@pytest.mark.parametrize("source", [None, {}, {"A": None}, {"A": {}}, {"A": {"B": None}}])
def test_what_is_missing_or_null_gives_the_default(source: Any) -> None:
    assert fields.text(source, "A", "B", default="none") == "none"
    assert fields.integer(source, "A", "B") == 0
    assert fields.optional_integer(source, "A", "B") is None
    assert fields.flag(source, "A", "B") is False
    assert fields.optional_flag(source, "A", "B") is None
    assert fields.strings(source, "A", "B") == ()
    assert fields.optional_strings(source, "A", "B") is None
    assert fields.objects(source, "A", "B") == ()
    assert fields.texts_by_name(source, "A", "B") == {}
    assert fields.moment(source, "A", "B") is None


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (fields.text, 1),
        (fields.text, ["x"]),
        (fields.integer, "1"),
        (fields.integer, True),
        (fields.integer, 1.5),
        (fields.integer, 2**63),
        (fields.flag, 1),
        (fields.flag, "false"),
        (fields.strings, "x"),
        (fields.strings, {"x": "y"}),
        (fields.strings, ["x", None]),
        (fields.mapping, []),
        (fields.objects, [["x"]]),
        (fields.texts_by_name, {"x": 1}),
        (fields.moment, True),
        (fields.moment, "yesterday"),
        (fields.moment, 1e300),
        (fields.moment, float("nan")),
    ],
)
def test_a_value_of_another_kind_is_refused(read: Any, wrong: Any) -> None:
    with pytest.raises(Unexpected, match=r"^A\.B is not "):
        read({"A": {"B": wrong}}, "A", "B")


def test_an_object_on_the_way_that_is_none_is_refused() -> None:
    with pytest.raises(Unexpected, match=r"^A is not an object"):
        fields.text({"A": "text"}, "A", "B")


def test_the_refusal_names_the_path_and_never_the_value() -> None:
    with pytest.raises(Unexpected) as refusal:
        fields.integer({"HostConfig": {"Memory": "hunter2"}}, "HostConfig", "Memory")
    assert str(refusal.value) == "HostConfig.Memory is not a whole number of 64 bits"


def test_what_every_engine_gives_must_be_there() -> None:
    with pytest.raises(Unexpected, match="Id is not there"):
        fields.required_text({"Id": ""}, "Id")
    with pytest.raises(Unexpected, match="Privileged is not there"):
        fields.required_flag({}, "Privileged")
    with pytest.raises(Unexpected, match="HostConfig is not an object"):
        fields.required_mapping({}, "HostConfig")


def test_control_characters_in_a_line_become_visible() -> None:
    assert fields.text({"Name": "a\nb\x1b[31m\x00\x85"}, "Name") == "a\\x0ab\\x1b[31m\\x00\\x85"


def test_a_block_keeps_its_lines_and_is_cut() -> None:
    assert fields.block("a\n\tb\x00") == "a\n\tb\\x00"
    assert fields.block("x" * 20, limit=5) == "xxxx…"


def test_text_longer_than_any_real_value_is_refused_not_cut() -> None:
    with pytest.raises(Unexpected, match="of a usual length"):
        fields.text({"Source": "/" + "x" * 5000}, "Source")


def test_even_text_to_be_cut_is_refused_beyond_what_can_be_redacted_in_time() -> None:
    with pytest.raises(Unexpected, match="of a usual length"):
        fields.raw_strings({"Args": ["x" * 1_000_001]}, "Args")
    with pytest.raises(Unexpected, match="of a usual length"):
        fields.texts_by_name({"Labels": {"x": "x" * 1_000_001}}, "Labels")


def test_more_entries_than_any_real_list_are_refused() -> None:
    with pytest.raises(Unexpected, match="of a usual length"):
        fields.strings({"CapAdd": ["x"] * 10_001}, "CapAdd")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-24T05:51:15.597909658Z", datetime(2026, 11, 24, 5, 51, 15, 597909, tzinfo=UTC)),
        ("2026-11-24T06:51:15+01:00", datetime(2026, 11, 24, 5, 51, 15, tzinfo=UTC)),
        ("2026-11-24T05:51:15.5Z", datetime(2026, 11, 24, 5, 51, 15, 500000, tzinfo=UTC)),
        (1795499475, datetime(2026, 11, 24, 5, 51, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (0, None),
    ],
)
def test_times_become_utc_and_zero_times_none(written: Any, expected: datetime | None) -> None:
    assert fields.moment({"Created": written}, "Created") == expected


def test_a_time_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(Unexpected):
        fields.moment({"Created": "2026-02-30T00:00:00Z"}, "Created")
    with pytest.raises(Unexpected):
        fields.moment({"Created": "9999-12-31T23:59:59-23:00"}, "Created")


def test_a_tree_is_kept_with_its_control_characters_visible() -> None:
    source = {"Identity": {"a\x00": ["x\x1b", {"b": None}], "n": 1}}
    assert fields.tree(source, "Identity") == {"a\\x00": ["x\\x1b", {"b": None}], "n": 1}


def test_a_tree_deeper_than_any_real_one_is_refused() -> None:
    nested: Any = {}
    for _ in range(400):
        nested = {"x": nested}
    with pytest.raises(Unexpected, match="usual depth"):
        fields.tree({"Identity": nested}, "Identity")
    with pytest.raises(Unexpected, match="usual size"):
        fields.tree({"Identity": {"n": 10**30}}, "Identity")
