"""An account's networks in one region: flow logs, security groups, subnets."""

from __future__ import annotations

from hospital.surveyed.account import Network, Opening, SecurityGroup, Subnet
from providers.account.look import Look, Plain

_PORTS = (0, 65535)


def attached(look: Look) -> frozenset[str] | None:
    """The ids of networks that count.

    Not the one that the provider makes in every region by itself, unless something is attached.
    """

    def read() -> frozenset[str]:
        used = look.pages("ec2", "describe_network_interfaces", "NetworkInterfaces")
        ids = {each["VpcId"] for each in used}
        listed = look.pages("ec2", "describe_vpcs", "Vpcs")
        return frozenset(v["VpcId"] for v in listed if not v["IsDefault"] or v["VpcId"] in ids)

    return look.ask(read)


def networks(look: Look, ids: frozenset[str] | None) -> tuple[Network, ...] | None:
    """Each network that counts, and whether what flows in it is written down."""
    found = _of(look, ids, "describe_vpcs", "Vpcs")
    logs = look.ask(lambda: look.pages("ec2", "describe_flow_logs", "FlowLogs"))
    logged = {
        each["ResourceId"]
        for each in logs or ()
        if each["FlowLogStatus"] == "ACTIVE" and each["TrafficType"] == "ALL"
    }
    if found is None:
        return None
    return tuple(
        Network(named(each, each["VpcId"]), None if logs is None else each["VpcId"] in logged)
        for each in found
    )


def groups(look: Look, ids: frozenset[str] | None) -> tuple[SecurityGroup, ...] | None:
    """Every security group of these networks."""
    found = _of(look, ids, "describe_security_groups", "SecurityGroups")
    if found is None:
        return None
    return tuple(
        SecurityGroup(
            id=each["GroupId"],
            name=each["GroupName"],
            inbound=_openings(each["IpPermissions"]),
            outbound=_openings(each["IpPermissionsEgress"]),
        )
        for each in found
    )


def subnets(look: Look, ids: frozenset[str] | None) -> tuple[Subnet, ...] | None:
    """Every subnet of these networks."""
    found = _of(look, ids, "describe_subnets", "Subnets")
    if found is None:
        return None
    return tuple(
        Subnet(named(each, each["SubnetId"]), each["MapPublicIpOnLaunch"]) for each in found
    )


def named(item: Plain, otherwise: str) -> str:
    """The tag ``Name``, by which people know a thing."""
    return next((t["Value"] for t in item.get("Tags", ()) if t["Key"] == "Name"), otherwise)


def _of(look: Look, ids: frozenset[str] | None, call: str, item: str) -> list[Plain] | None:
    if ids is None:
        return None
    found = look.ask(lambda: look.pages("ec2", call, item))
    return None if found is None else [each for each in found if each.get("VpcId") in ids]


def _openings(permissions: list[Plain]) -> tuple[Opening, ...]:
    return tuple(
        Opening(peer, each["IpProtocol"], *_range(each))
        for each in permissions
        for peer in _peers(each)
    )


def _range(permission: Plain) -> tuple[int, int]:
    first, last = permission.get("FromPort", -1), permission.get("ToPort", -1)
    return _PORTS if first < 0 else (first, last)


def _peers(permission: Plain) -> list[str]:
    kinds = (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId"),
        ("PrefixListIds", "PrefixListId"),
    )
    return [each[key] for kind, key in kinds for each in permission.get(kind, ())]
