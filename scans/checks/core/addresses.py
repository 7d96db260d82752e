"""What an address means: everyone, this machine only, or one interface."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def is_wildcard(address: str) -> bool:
    """Whether a socket bound to it is reachable on every interface: empty, ``*``, ``0.0.0.0``,
    ``::``, each with or without brackets."""
    bare = _bare(address)
    if bare in ("", "*"):
        return True
    ip = _ip(bare)
    return ip is not None and ip.is_unspecified


def is_loopback(address: str) -> bool:
    """Whether it is reachable from this machine alone: a loopback address, a network of
    loopback addresses, or the name ``localhost``."""
    bare = _bare(address)
    if bare.lower().rstrip(".") == "localhost":
        return True
    ip = _ip(bare)
    if ip is not None:
        return ip.is_loopback
    network = _network(bare)
    return network is not None and any(
        network.version == known.version and network.subnet_of(known)  # type: ignore[arg-type]
        for known in LOOPBACK
    )


def parse_host_url(value: str) -> tuple[str, str, int | None]:
    """Scheme, address and port of a value of the daemon's ``hosts``.

    ``tcp://0.0.0.0:2375`` → ``("tcp", "0.0.0.0", 2375)``, ``unix:///run/docker.sock`` →
    ``("unix", "/run/docker.sock", None)``, ``fd://`` → ``("fd", "", None)``. A value without a
    scheme is TCP. dockerd takes a missing TCP address as 127.0.0.1, and so does this function.
    The port is None where the value has none, or none that is a number.
    """
    scheme, separator, rest = value.strip().partition("://")
    if not separator:
        scheme, rest = "tcp", scheme
    scheme = scheme.lower()
    if scheme != "tcp":
        return scheme, rest, None
    address, port = split_port(rest.partition("/")[0])
    return scheme, address or "127.0.0.1", port


def split_port(value: str) -> tuple[str, int | None]:
    """Address and port of ``address:port``, ``[v6]:port`` or an address alone, brackets removed."""
    if value.startswith("["):
        address, _, rest = value[1:].partition("]")
        return address, _port(rest.removeprefix(":"))
    if value.count(":") > 1:
        return value, None  # an IPv6 address without brackets has no room for a port
    address, _, port = value.partition(":")
    return address, _port(port)


def join_port(address: str, port: int) -> str:
    """``address:port``, with brackets round an IPv6 address."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _bare(address: str) -> str:
    return address.strip().removeprefix("[").removesuffix("]").partition("%")[0]


def _ip(bare: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(bare)
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip


def _network(bare: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(bare, strict=False)
    except ValueError:
        return None


def _port(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if is_number and int(text) <= 65535 else None
