"""A network endpoint as a stranger meets it: the handshakes that it takes and what it shows.

Seen from outside, without any credential (``providers/tls.py``): that is what an assessor's scanner
sees, and what an attacker sees.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What the endpoint answered."""

    protocols: tuple[str, ...]  # accepted: "TLCP", "TLSv1.2", "TLSv1.3", …; "" if none


@dataclass(frozen=True, slots=True)
class SurveyedEndpoint:
    """A declared endpoint and what it answered."""

    name: str  # "<purpose>@<site>", unique in the estate
    site: str
    purpose: str  # "kubernetes", "hub", "etcd", "cloud", "ingress", "database", …
    address: str  # "host:port"
    facts: EndpointFacts
