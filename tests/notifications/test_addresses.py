from __future__ import annotations

import pytest

from supportdesk.notifications.addresses import is_listed, is_outside, networks, parse


@pytest.mark.parametrize(
    "written",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.9", "192.0.0.8", "192.88.99.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:0a00:0001::1"),
        *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "100::1", "3fff::1", "5f00::1"),
    ],
)
def test_places_inside_are_not_outside_however_they_are_written(written: str) -> None:
    assert not is_outside(parse(written))


@pytest.mark.parametrize(
    "written",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "100.63.255.255", "1.1.1.1"],
)
def test_public_addresses_are(written: str) -> None:
    assert is_outside(parse(written))


def test_an_operator_allows_networks_by_name() -> None:
    allowed = networks(["10.1.0.0/16", "::1", ""])
    assert is_listed(parse("10.1.2.3"), allowed)
    assert is_listed(parse("::1"), allowed)
    assert not is_listed(parse("10.2.0.1"), allowed)
    assert not is_listed(parse("::ffff:10.1.2.3"), allowed)
    with pytest.raises(ValueError, match="appear to be"):
        networks(["inside"])
