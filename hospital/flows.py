"""What a NetworkPolicy lets through, as Kubernetes reads it.

Directions that a policy does not name have defaults, and lists that are absent or empty mean
everybody. What must never happen: an allowance for anybody that a rule takes for one of somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from hospital.manifest import Plain

DIRECTIONS = {"Ingress": "from", "Egress": "to"}  # and where an allowance lists its peers

_API = "networking.k8s.io/"
_WIDEST = 7  # bits of the widest private block, fc00::/7; 10.0.0.0/8 is the widest of IPv4


def directions(policy: Plain) -> frozenset[str]:
    """The directions that the policy governs: some of ``DIRECTIONS``.

    None for a policy of another API group, of which some share the name.
    """
    spec = policy.get("spec", {})
    if not str(policy.get("apiVersion", _API)).startswith(_API):
        return frozenset()
    default = ("Ingress", "Egress") if spec.get("egress") else ("Ingress",)
    return frozenset(spec.get("policyTypes") or default)


def allowances(policy: Plain, direction: str) -> tuple[Plain, ...]:
    """The policy's rules for a direction, each of which lets something through."""
    if direction not in directions(policy):
        return ()
    return tuple(policy.get("spec", {}).get(direction.lower(), ()))


def open_ends(policy: Plain, direction: str) -> Iterator[str]:
    """Where the policy's rules for a direction mean anybody: ``ingress[0] 0.0.0.0/0``."""
    side = DIRECTIONS[direction]
    for number, allowance in enumerate(allowances(policy, direction)):
        where, peers = f"{direction.lower()}[{number}]", allowance.get(side, ())
        if not peers:
            yield f"{where} {side}: []"
        yield from (f"{where} {anybody}" for peer in peers if (anybody := _anybody(peer)))


def denied(policy: Plain) -> frozenset[str]:
    """The directions that the policy closes for every pod of its namespace."""
    if any(policy.get("spec", {}).get("podSelector", {}).values()):
        return frozenset()
    return frozenset(each for each in directions(policy) if not allowances(policy, each))


def _anybody(peer: Plain) -> str:
    """How the peer says that anybody is meant; "" if it means somebody.

    ValueError for a block that is no address range.
    """
    block = peer.get("ipBlock", {}).get("cidr")
    if block is not None:
        return str(block) if ip_network(block, strict=False).prefixlen < _WIDEST else ""
    spaces, pods = peer.get("namespaceSelector"), peer.get("podSelector", {})
    everywhere = spaces is not None and not any((*spaces.values(), *pods.values()))
    return "namespaceSelector: {}" if everywhere else ""
