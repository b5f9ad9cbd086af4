"""Reads the certificates in an endpoint's facts: which are its own, whom they name.

Over plain values, as rules get them (``hospital/surveyed/endpoint.py``). A certificate that several
names show is judged once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hospital.ciphers import TLCP

Plain = Mapping[str, Any]


def own(facts: Plain) -> Iterator[Plain]:
    """The endpoint's own certificates: the first of a chain, of TLCP the first two."""
    told: list[Plain] = []
    for shown in facts["shown"]:
        for certificate in own_of(shown):
            if certificate not in told:
                told.append(certificate)
                yield certificate


def own_of(shown: Plain) -> list[Plain]:
    """The server's own certificates in one chain."""
    return list(shown["chain"][: 2 if shown["protocol"] == TLCP else 1])


def presented(facts: Plain) -> Iterator[Plain]:
    """Every certificate that was shown, authorities included, each once."""
    told: list[Plain] = []
    for shown in facts["shown"]:
        for certificate in shown["chain"]:
            if certificate not in told:
                told.append(certificate)
                yield certificate


def self_issued(certificate: Plain) -> bool:
    """Whether it names itself as its issuer: nobody else answers for it."""
    return bool(certificate["subject"] == certificate["issuer"])


def covers(certificate: Plain, name: str) -> bool:
    """Whether a caller that checks the name accepts the certificate for it (RFC 9525)."""
    wanted = name.lower().rstrip(".")
    return any(_matches(each.lower().rstrip("."), wanted) for each in certificate["names"])


def called(certificate: Plain) -> str:
    """How a finding calls a certificate: a stranger's own words, so not too many of them."""
    return str(certificate["subject"])[:80] or "-"


def _matches(pattern: str, name: str) -> bool:
    head, _, domain = name.partition(".")
    return pattern == name or bool(head and domain and pattern == f"*.{domain}")
