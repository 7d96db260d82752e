"""The form of a check's prose file."""

import pytest

from scans.prose import Prose, parse

GOOD = "# Title\n\n## Why\nBecause.\n\n## Fix\n- Do it.\n- Then that.\n\n## References\n- CIS\n"


def test_reads_title_and_sections():
    assert parse(GOOD) == Prose("Title", "Because.", "- Do it.\n- Then that.", "- CIS")


@pytest.mark.parametrize(
    "text",
    [
        GOOD.removeprefix("# Title\n"),
        GOOD.replace("## Fix\n- Do it.\n- Then that.\n", ""),
        GOOD.replace("Because.", ""),
        GOOD + "\n## Notes\nMore.\n",
    ],
    ids=["no title", "no fix", "empty why", "an unknown section"],
)
def test_refuses_a_file_of_another_form(text):
    with pytest.raises(ValueError, match=r"page\.md"):
        parse(text, "page.md")
