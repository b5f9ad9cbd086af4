"""Which cryptography is broken, which is strong, which is commercial cryptography (商密).

Words of the trade on names alone: protocols, cipher suites by their IANA names, algorithms of
certificates. What a hospital must do about them is each rule's to say. An algorithm that is not
known here is never called strong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

OUTDATED = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")
"""RFC 6176, RFC 7568, RFC 8996: must not be used. TLCP, whose number is lower, is none of them."""

TLCP, TLS13 = "TLCP", "TLSv1.3"

_BROKEN = {
    "NULL": re.compile(r"_NULL(_|$)"),  # no encryption: the standard's allow-list has no such thing
    "anonymous": re.compile(r"_anon_"),  # nobody proves anything: anyone may sit in between
    "EXPORT": re.compile(r"_EXPORT"),  # 40 and 56 bits by the law of 1995; FREAK
    "RC4": re.compile(r"_RC4_"),  # RFC 7465
    "DES": re.compile(r"_DES(40)?_"),  # 56 bits
    "3DES": re.compile(r"_3DES_"),  # blocks of 64 bits: Sweet32; NIST SP 800-131A disallows it
    "RC2": re.compile(r"_RC2_"),
    "IDEA": re.compile(r"_IDEA_"),  # blocks of 64 bits; RFC 5469
    "MD5": re.compile(r"_MD5$"),
}
_FORWARD = re.compile(r"_(EC)?DHE_|_IBSDH_")

BROKEN_DIGESTS = ("md2", "md4", "md5", "sha1")  # collisions are for sale; 密评 high-risk guideline
LEAST_BITS: Mapping[str, int] = {"RSA": 2048, "EC": 224, "DSA": 2048, "SM2": 256}
"""Bits below which a key is weak: 112 bits of security, NIST SP 800-131A; SM2 has one size."""

LEAST_DH_BITS = 2048  # the same, for Diffie-Hellman over a prime; Logjam broke 512 and nears 1024


def broken(suite: str) -> tuple[str, ...]:
    """What in a suite is broken, by name; nothing if it is not."""
    return tuple(name for name, sign in _BROKEN.items() if sign.search(suite))


def authenticates_by_sha1(suite: str) -> bool:
    """Whether the records of a suite are protected by HMAC-SHA1 over CBC (Lucky 13)."""
    return "_CBC_" in suite and suite.endswith(("_SHA", "_SHA1"))


def forward_secret(protocol: str, suite: str) -> bool:
    """Whether a key that is stolen later opens nothing that was recorded before."""
    return protocol == TLS13 or _FORWARD.search(suite) is not None


def by_sm4(suite: str) -> bool:
    """Whether a suite encrypts with SM4 (GB/T 32907)."""
    return "_SM4_" in suite


def by_sm3(suite: str) -> bool:
    """Whether a suite's integrity rests on SM3 (GB/T 32905)."""
    return suite.endswith("_SM3")


def suites(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Every accepted suite of an endpoint's facts, with its protocol."""
    for protocol, accepted in facts["suites"].items():
        for suite in accepted:
            yield protocol, suite


def listed(names: Iterable[str], *, most: int = 6) -> str:
    """Names in one line, each once; of many, the first and how many more."""
    once = list(dict.fromkeys(names))
    more = f" +{len(once) - most}" if len(once) > most else ""
    return ", ".join(once[:most]) + more
