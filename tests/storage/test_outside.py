"""Every range that leads inside, in every form that hides one address in another."""

from ipaddress import ip_address

import pytest

from hanaper.storage.outside import is_outside

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 100.100.100.200 127.0.0.1 127.255.0.1
168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1
64:ff9b::10.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::10.0.0.1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1
fe80::1%eth0 fec0::1 ff02::1 ff0e::1
"""
OUTSIDE = """
1.1.1.1 8.8.8.8 93.184.215.14 172.15.255.255 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001::1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_inside(address):
    assert not is_outside(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE.split())
def test_outside(address):
    assert is_outside(ip_address(address))


@pytest.mark.parametrize("address", INSIDE.split())
def test_a_sandbox_reaches_loopback_only(address):
    reached = is_outside(ip_address(address), allow_loopback=True)
    assert reached == (address in ("127.0.0.1", "127.255.0.1", "::1"))
