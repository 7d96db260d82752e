"""systemd's unit files and drop-ins."""

from hypothesis import given
from hypothesis import strategies as st

from scans.collectors.host import units
from scans.collectors.host.units import Assignment

MAIN = "/usr/lib/systemd/system/docker.service"
ADMIN = "/etc/systemd/system/docker.service"
DROP_IN = "/etc/systemd/system/docker.service.d"


def starts(files: dict[str, str]) -> list[str]:
    found = units.assignments("docker.service", files, "Service", "ExecStart")
    return [one.value for one in found]


def test_the_administrators_unit_hides_the_distributions() -> None:
    files = {MAIN: "[Service]\nExecStart=a\n", ADMIN: "[Service]\nExecStart=b\n"}
    assert starts(files) == ["b"]


def test_an_empty_assignment_forgets_those_before() -> None:
    files = {
        MAIN: "[Service]\nExecStart=a\n",
        f"{DROP_IN}/10.conf": "[Service]\nExecStart=\nExecStart=c\n",
    }
    assert starts(files) == ["c"]


def test_drop_ins_are_read_by_name_whatever_their_directory() -> None:
    run = "/run/systemd/system/docker.service.d"
    files = {
        MAIN: "",
        f"{DROP_IN}/20.conf": "[Service]\nExecStart=second\n",
        f"{run}/10.conf": "[Service]\nExecStart=first\n",
        f"{run}/20.conf": "[Service]\nExecStart=hidden\n",
    }
    assert starts(files) == ["first", "second"]


def test_continued_lines_are_one_and_comments_none() -> None:
    text = "# x\n[Service]\n; y\nExecStart=/usr/bin/dockerd \\\n# between\n  --icc=false\n"
    assert [value.split() for value in starts({MAIN: text})] == [
        ["/usr/bin/dockerd", "--icc=false"]
    ]


def test_a_key_of_another_section_does_not_count() -> None:
    assert starts({MAIN: "[Unit]\nExecStart=a\n"}) == []


def test_a_variable_of_its_own_becomes_several_words() -> None:
    words = units.expand(["$OPTS", "${OPTS}", "--x=$OPTS", "$NONE", "y"], {"OPTS": "-a 'b c'"})
    assert words == [
        ("-a", "OPTS"),
        ("b c", "OPTS"),
        ("-a 'b c'", "OPTS"),
        ("--x=-a 'b c'", "OPTS"),
        ("y", None),
    ]


def test_environment_files_are_assignments_with_or_without_export() -> None:
    text = (
        '# DOCKER_OPTS="--dns 8.8.8.8"\nDOCKER_OPTS="-H fd:// --icc=false"\nexport X=1\nbad line\n'
    )
    assert units.environment_file(text) == {"DOCKER_OPTS": "-H fd:// --icc=false", "X": "1"}


def test_environment_lines_hold_several_quoted_words() -> None:
    line = Assignment('"A=b c" D=e', "f")
    assert units.environment([line]) == {"A": "b c", "D": "e"}


@given(st.text(), st.text())
def test_never_raises_for_any_file(unit: str, other: str) -> None:
    files = {MAIN: unit, f"{DROP_IN}/10.conf": other}
    for found in units.assignments("docker.service", files, "Service", "ExecStart"):
        units.expand(units.command(found.value), units.environment_file(other))
