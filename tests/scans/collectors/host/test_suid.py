"""Inventories of privileged files. rpm, apk and old getcap are written by hand."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scans.collectors.frames import Part, Section
from scans.collectors.host.named_output import matched
from scans.collectors.host.provenance import Database, provenance
from scans.collectors.host.suid import parse_container_suid, parse_host_suid
from scans.collectors.host.suid_search import parse_capabilities
from scans.facts import Mount
from tests.scans.collectors.probing import section

A, B = "a" * 64, "b" * 64
SHA = "0" * 64
SU = b"./usr/bin/su"


def built(*parts: tuple[str, bytes | str], **fields: object) -> Section:
    """A section whose parts may repeat."""
    made = tuple(Part(label, d.encode() if isinstance(d, str) else d) for label, d in parts)
    return Section(name="suid", parts=made, **({"status": 0} | fields))  # type: ignore[arg-type]


def host(*parts: tuple[str, bytes | str], status: int = 0) -> Section:
    return built(
        ("getcap", ""),
        ("manager host none", ""),
        ("searching host /", ""),
        *parts,
        (f"searched {status} host /", ""),
        ("host", ""),
    )


STAT = "4755 0 0 100 1700000000 "


def test_reads_owner_mode_size_and_digest() -> None:
    found = parse_host_suid(
        host(
            ("names host /", SU + b"\0"),
            ("stat", f"{STAT}./usr/bin/su\n"),
            ("package none", ""),
            ("sha256", f"{SHA}  ./usr/bin/su\n"),
        ),
        (),
        root=True,
    )
    assert found.complete
    assert found.package_manager == "none"
    file = found.files[0]
    assert (file.path, file.mode, file.uid, file.gid, file.size) == (
        "/usr/bin/su",
        0o4755,
        0,
        0,
        100,
    )
    assert (file.sha256, file.provenance) == (SHA, "unknown")


def test_a_mount_with_nosuid_takes_the_bits_their_meaning() -> None:
    def mount(target: str, *options: str) -> Mount:
        return Mount(target=target, source="x", fstype="ext4", options=options)

    parts = (("names host /", SU + b"\0"), ("stat", f"{STAT}./usr/bin/su\n"))
    for mounts, nosuid in (
        ((mount("/", "rw"),), False),
        ((mount("/", "rw"), mount("/usr", "nosuid")), True),
        ((mount("/", "nosuid"), mount("/usr", "rw"), mount("/us", "nosuid")), False),
    ):
        found = parse_host_suid(host(*parts), mounts, root=True)
        assert found.files[0].nosuid is nosuid


@pytest.mark.parametrize(("status", "complete"), [(0, True), (1, True), (124, False), (137, False)])
def test_a_search_is_complete_when_find_came_to_its_end(status: int, *, complete: bool) -> None:
    assert parse_host_suid(host(status=status), (), root=True).complete is complete
    assert not parse_host_suid(host(status=status), (), root=False).complete


LAYERS = (
    ("roots", f"{A} 10\n{B} 20\n"),
    ("layers", "10 /l/upper-a\n10 /l/base\n20 /l/upper-b\n20 /l/base\n"),
)
BASE = (
    ("searching layer /l/base", ""),
    ("names layer /l/base", SU + b"\0./bin/ping\0"),
    ("stat", f"{STAT}./usr/bin/su\n{STAT}./bin/ping\n"),
)


def containers(*parts: tuple[str, bytes | str]) -> Section:
    return built(*LAYERS, ("searched 0 layers", ""), *parts, ("containers", ""))


def test_a_layers_file_counts_where_it_is_still_to_be_seen() -> None:
    """Container A removed su, container B took its bit away from ping."""
    found = parse_container_suid(
        containers(
            *BASE,
            ("seen 10", f"{STAT}./bin/ping\n"),
            ("seen 20", f"{STAT}./usr/bin/su\n755 0 0 100 1700000000 ./bin/ping\n"),
            ("sha256", f"{SHA}  ./usr/bin/su\n{SHA}  ./bin/ping\n"),
            ("searched 0 layer /l/base", ""),
        )
    )
    assert [file.path for file in found[A].files] == ["/bin/ping"]
    assert [file.path for file in found[B].files] == ["/usr/bin/su"]
    assert found[A].complete
    assert found[B].complete
    assert found[A].files[0].sha256 == SHA


def test_a_file_changed_in_the_container_does_not_get_the_layers_digest() -> None:
    found = parse_container_suid(
        containers(
            *BASE,
            ("seen 10", "4755 0 0 101 1700000009 ./usr/bin/su\n"),
            ("sha256", f"{SHA}  ./usr/bin/su\n"),
            ("searched 0 layer /l/base", ""),
        )
    )
    file = found[A].files[0]
    assert (file.size, file.sha256, file.provenance) == (101, None, "unknown")


def test_a_changed_file_is_read_from_the_upper_layer() -> None:
    other = "1" * 64
    found = parse_container_suid(
        containers(
            *BASE,
            ("seen 10", "4755 0 0 7 1 ./usr/bin/su\n"),
            ("searched 0 layer /l/base", ""),
            ("searching layer /l/upper-a", ""),
            ("names layer /l/upper-a", SU + b"\0"),
            ("stat", "4755 0 0 7 1 ./usr/bin/su\n"),
            ("seen 10", "4755 0 0 7 1 ./usr/bin/su\n"),
            ("sha256", f"{other}  ./usr/bin/su\n"),
            ("searched 0 layer /l/upper-a", ""),
        )
    )
    assert [(file.path, file.sha256) for file in found[A].files] == [("/usr/bin/su", other)]


def test_containers_are_incomplete_when_their_layers_were_not_all_searched() -> None:
    cut = built(*LAYERS, ("searched 124 layers", ""), ("containers", ""))
    assert not parse_container_suid(cut)[A].complete
    killed = built(*LAYERS, ("searched 0 layers", ""), *BASE)
    assert not parse_container_suid(killed)[A].complete


def test_a_root_that_is_no_overlay_is_searched_as_a_whole() -> None:
    found = parse_container_suid(
        built(
            ("roots", f"{A} 10\n{B} 20\n"),
            ("layers", "10 -\n20 -\n"),
            ("searching container 10", ""),
            ("names container 10", SU + b"\0"),
            ("stat", f"{STAT}./usr/bin/su\n"),
            ("seen 10", f"{STAT}./usr/bin/su\n"),
            ("searched 0 container 10", ""),
            ("searched 0 layers", ""),
            ("containers", ""),
        )
    )
    assert [file.path for file in found[A].files] == ["/usr/bin/su"]
    assert found[A].complete
    assert not found[B].complete


def test_the_package_manager_is_known_without_a_single_privileged_file() -> None:
    parts = [("manager 10 dpkg", ""), ("manager 20 none", ""), ("manager 10 apk", "")]
    found = parse_container_suid(containers(*parts))
    assert (found[A].package_manager, found[B].package_manager) == ("dpkg", "none")
    assert parse_container_suid(containers())[A].package_manager is None


def test_file_capabilities_are_read_in_both_forms_of_getcap() -> None:
    data = (
        b"./bin/ping cap_net_raw=ep\n./bin/old = cap_net_raw+ep\n./a b cap_chown,cap_fowner=eip\n"
    )
    assert parse_capabilities(data) == {
        b"./bin/ping": "cap_net_raw=ep",
        b"./bin/old": "cap_net_raw+ep",
        b"./a b": "cap_chown,cap_fowner=eip",
    }


def test_a_file_with_nothing_but_capabilities_is_in_the_inventory() -> None:
    found = parse_host_suid(
        host(
            ("capabilities host /", "./bin/ping cap_net_raw=ep\n"),
            ("names host /", b"./bin/ping\0"),
            ("stat", "755 0 0 9 1 ./bin/ping\n"),
        ),
        (),
        root=True,
    )
    assert [(file.path, file.capabilities) for file in found.files] == [
        ("/bin/ping", "cap_net_raw=ep")
    ]


def judged(
    parts: dict[str, bytes], name: bytes = SU, sha256: str | None = None
) -> tuple[object, object]:
    return provenance(Database.read({"owned 0": b""} | parts, [name]), name, sha256)


def test_apk_records_sha1() -> None:
    parts = {
        "package apk": b"owner shadow /usr/bin/su\n"
        b"digest Q1C+7Hteo/D9vJXQ3UfzxbwnXaijM= /usr/bin/su\n",
        "sha1": b"0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33  ./usr/bin/su\n",
    }
    assert judged(parts) == ("shadow", "unchanged")
    changed = parts | {"sha1": b"f" * 40 + b"  ./usr/bin/su\n"}
    assert judged(changed) == ("shadow", "altered")


def test_rpm_records_sha256() -> None:
    parts = {"package rpm": b"", "rpm": f"util-linux\t{SHA}\t/usr/bin/su\n".encode()}
    assert judged(parts, sha256=SHA) == ("util-linux", "unchanged")
    assert judged(parts, sha256="1" * 64) == ("util-linux", "altered")
    assert judged(parts, sha256=None) == ("util-linux", "unknown")
    assert judged(parts, b"./usr/bin/other") == (None, "unowned")


def test_an_rpm_database_that_was_not_asked_tells_nothing() -> None:
    assert judged({"package rpm": b""}) == (None, "unknown")


@pytest.mark.parametrize("listed", ["/usr/bin/su", "/bin/su"])
def test_dpkg_may_have_either_spelling(listed: str) -> None:
    parts = {
        "package dpkg": b"",
        "lists": f"login.list:{listed}\n".encode(),
        "digests": f"login.md5sums:{'a' * 32}  {listed[1:]}\n".encode(),
        "md5": b"a" * 32 + b"  ./usr/bin/su\n",
    }
    assert judged(parts) == ("login", "unchanged")


def test_a_look_up_that_was_cut_does_not_make_a_file_unowned() -> None:
    for parts in ({"package dpkg": b"", "owned 124": b""}, {"package dpkg": b""}):
        database = Database.read(parts, [SU])
        assert provenance(database, SU, None) == (None, "unknown")


LINE = re.compile(rb"([0-9]+)  ")


def test_names_may_hold_anything_and_tools_may_pass_files_over() -> None:
    names = [b"./a\nb", b"./gone", b"./c\\d", b"./1  ./x"]
    plain = b"1  ./a\nb\n3  ./c\\d\n4  ./1  ./x\n"
    escaped = b"\\1  ./a\\nb\n\\3  ./c\\\\d\n4  ./1  ./x\n"
    for data in (plain, escaped):
        found = {name: match[1] for name, match in matched(names, data, LINE)}
        assert found == {b"./a\nb": b"1", b"./c\\d": b"3", b"./1  ./x": b"4"}


@given(st.lists(st.binary(min_size=1).filter(lambda name: b"\0" not in name), unique=True))
def test_every_name_finds_its_own_line(names: list[bytes]) -> None:
    data = b"".join(b"%d  %s\n" % (i, name) for i, name in enumerate(names))
    found = {name: int(match[1]) for name, match in matched(names, data, LINE)}
    assert found == {name: i for i, name in enumerate(names)}


@given(st.binary())
def test_never_raises_for_any_bytes(data: bytes) -> None:
    labels = ("names host /", "stat", "package dpkg", "lists", "digests", "md5", "sha256")
    parse_host_suid(host(*((label, data) for label in labels)), (), root=True)
    parse_container_suid(section("suid", {"roots": data, "layers": data}))
