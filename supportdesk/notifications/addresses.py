"""Which addresses of the network outgoing requests may reach. Pure.

What ``ipaddress`` calls private is not enough: shared address space (RFC 6598), multicast, and every way of writing an
IPv4 address inside an IPv6 one lead to places inside too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

INSIDE: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
MAPPED = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = IPv6Network("2000::/3")


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """Raises ValueError for one that is none."""
    return tuple(ip_network(each.strip(), strict=False) for each in written if each.strip())


def is_listed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether the operator has allowed it by name."""
    return any(address.version == network.version and address in network for network in allowed)


def is_outside(address: Address) -> bool:
    """Whether it is a public unicast address, however it is written."""
    if isinstance(address, IPv6Address):
        if address in MAPPED or address in NAT64:
            return is_outside(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in GLOBAL_UNICAST or address.scope_id is not None:
            return False
    if any(address.version == network.version and address in network for network in INSIDE):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def parse(written: str) -> Address:
    """Raises ValueError for what is no address."""
    return ip_address(written)
