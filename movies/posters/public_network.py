"""Connections to the public internet only: no address in the catalogue may reach our network."""

import socket
import ssl
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address is in its last 32 bits


class NotPublicError(Exception):
    """A host has an address that is not on the public internet."""


def is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if not ip.is_global or ip.is_multicast:
        return False
    embedded = _embedded(ip) if isinstance(ip, IPv6Address) else None
    return embedded is None or is_public(str(embedded))


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a gateway would forward to."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def connect(host: str, port: int, timeout_s: float) -> socket.socket:
    """Connect to a host of which every address is public.

    Raises
    ------
    NotPublicError
        If one is not.
    OSError
        If the host has no address, or none answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [address for *_kind, address in found]
    for name, *_port in addresses:
        if not is_public(str(name)):
            raise NotPublicError(f"{host} has the address {name}, which is not public")
    # The checked addresses and not the name: a second look-up might find another one.
    for i, (name, *_port) in enumerate(addresses):
        try:
            return socket.create_connection((str(name), port), timeout=timeout_s)
        except OSError:
            if i == len(addresses) - 1:
                raise
    raise OSError(f"{host} has no address")


class PublicHTTPConnection(HTTPConnection):
    def connect(self) -> None:
        self.sock = connect(self.host, self.port, float(self.timeout or 0))


class PublicHTTPSConnection(HTTPSConnection):
    def connect(self) -> None:
        plain = connect(self.host, self.port, float(self.timeout or 0))
        self.sock = tls().wrap_socket(plain, server_hostname=self.host)


@cache
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def open_connection(scheme: str, host: str, port: int | None, timeout_s: float) -> HTTPConnection:
    kinds: dict[str, Any] = {"http": PublicHTTPConnection, "https": PublicHTTPSConnection}
    if scheme not in kinds:
        raise NotPublicError(f"{scheme or 'no scheme'} instead of https")
    return kinds[scheme](host, port, timeout=timeout_s)
