"""Facts survive JSON, and what is no facts is refused with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scans.codec import FactsError, decode, encode
from scans.facts import Gap
from tests.factories import container, facts, image, network, volume


def test_facts_come_back_from_json_as_they_were():
    original = facts(
        containers=(container(),),
        images=(image(),),
        networks=(network(),),
        volumes=(volume(),),
        gaps=(Gap(section="audit", reason="refused", hint="run with --sudo"),),
    )
    assert decode(encode(original)) == original


def test_names_the_path_of_a_value_with_the_wrong_type():
    document = json.loads(encode(facts(containers=(container(),))))
    document["containers"][0]["privileged"] = "yes"
    with pytest.raises(FactsError, match=r"\$\.containers\[0\]\.privileged"):
        decode(json.dumps(document).encode())


def test_refuses_another_schema_by_its_name():
    with pytest.raises(FactsError, match=r"posture\.facts/9"):
        decode(b'{"schema": "posture.facts/9"}')


@pytest.mark.parametrize("document", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000])
def test_refuses_what_is_no_facts_at_all(document):
    with pytest.raises(FactsError):
        decode(document)


@given(st.binary(max_size=200))
def test_never_fails_in_another_way_than_a_facts_error(document):
    with pytest.raises(FactsError):
        decode(document)
