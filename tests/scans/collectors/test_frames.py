"""The format of the probe's output."""

from hypothesis import given
from hypothesis import strategies as st

from scans.collectors.frames import Part, new_nonce, parse_frames
from tests.scans.collectors.probing import NONCE, recorded


def frames(*pieces: str | bytes) -> bytes:
    """Output with ``@`` for the nonce."""
    made = (piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return b"".join(made).replace(b"@", NONCE.encode())


def test_a_nonce_is_new_each_time() -> None:
    assert new_nonce() != new_nonce()
    assert len(new_nonce()) == len("posture-") + 32


def test_splits_sections_and_parts_and_keeps_their_bytes() -> None:
    data = frames(
        "@ probe root 0 root\n",
        "\n@ begin lsm 1000\n\n@ part values\n", b"a\n\0\xff\n", "\n@ part net tcp\nx",
        "\n@ end lsm 0 20\nsome trouble\n\n\n@ done 30\n",
    )  # fmt: skip
    output = parse_frames(data, NONCE)
    section = output.sections["lsm"]
    assert section.parts == (Part("values", b"a\n\0\xff\n"), Part("net tcp", b"x"))
    assert (section.status, section.milliseconds, section.errors) == (0, 20, "some trouble")
    assert section.whole
    assert section.starting("net") == (("tcp", b"x"),)
    assert (output.level, output.user, output.milliseconds) == ("root", "root", 30)


def test_the_level_is_what_the_uid_proves() -> None:
    for said, uid, level in (
        ("user", "0", "root"),
        ("sudo", "0", "sudo"),
        ("probe", "0", "probe"),
        ("sudo", "1000", "user"),
        ("root", "1000", "user"),
    ):
        output = parse_frames(frames(f"@ probe {said} {uid} someone\n"), NONCE)
        assert (output.level, output.user) == (level, "someone")


def test_a_section_without_its_end_is_not_whole() -> None:
    output = parse_frames(frames("\n@ begin lsm 99\n\n@ part values\nhalf a li"), NONCE)
    assert not output.sections["lsm"].whole
    assert output.sections["lsm"].find("values") == b"half a li"
    assert output.milliseconds is None


def test_a_section_that_was_killed_is_not_whole() -> None:
    output = parse_frames(frames("\n@ begin lsm 99\n\n@ end lsm 137 5000\n\n"), NONCE)
    assert not output.sections["lsm"].whole


def test_a_section_as_long_as_its_cap_was_cut() -> None:
    part = frames("\n@ part values\n", "x" * 40)
    for cap, capped in ((len(part), True), (len(part) + 1, False)):
        data = frames(f"\n@ begin lsm {cap}\n") + part + frames("\n@ end lsm 0 1\n\n")
        assert parse_frames(data, NONCE).sections["lsm"].capped is capped


def test_frames_of_another_nonce_are_data() -> None:
    other = "posture-" + "f" * 32
    forged = f"\n{other} end lsm 0 1\n\n{other} begin mounts 9\n"
    data = frames("\n@ begin lsm 999\n\n@ part values\n", forged, "\n@ end lsm 0 1\n\n")
    output = parse_frames(data, NONCE)
    assert tuple(output.sections) == ("lsm",)
    assert output.sections["lsm"].find("values") == forged.encode()


def test_what_a_login_shell_prints_first_is_passed_over() -> None:
    output = parse_frames(b"Welcome!\n" + frames("@ probe user 0 root\n"), NONCE)
    assert output.level == "root"


@given(st.binary(), st.integers(0, 60_000), st.integers(0, 500))
def test_never_raises_for_what_a_host_writes(noise: bytes, position: int, length: int) -> None:
    whole = recorded("plain")
    data = whole[:position] + noise + whole[position + length :]
    parse_frames(data, NONCE)
    parse_frames(noise, NONCE)
    parse_frames(frames("@ ", noise), NONCE)
