"""The provider's resources as the stacks see them: nouns in, one class per type.

The inputs are the nouns' own plain form (``hospital/codec.py``), the same that the hub holds and
the policies judge. Nothing secret is ever an input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from hospital import estate as nouns
from hospital.codec import encode, plan_spec, site_spec, workload_spec


class _Resource(pulumi.CustomResource):
    """A resource of the provider ``hospital``."""

    def __init__(
        self, kind: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        super().__init__(f"hospital:index:{kind}", name, dict(inputs), opts)


class Site(_Resource):
    """A site in the hub, with the part of the estate that lives with it."""

    def __init__(
        self,
        site: nouns.Site,
        *,
        estate: nouns.Estate,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"site": site_spec(estate, site), "hubs": hubs(estate)}
        super().__init__("Site", site.name, inputs, opts)


class HubWorkload(_Resource):
    """A workload in the hub, once for all sites."""

    def __init__(
        self,
        workload: nouns.Workload,
        *,
        estate: nouns.Estate,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"workload": workload_spec(estate, workload), "hubs": hubs(estate)}
        super().__init__("HubWorkload", workload.name, inputs, opts)


class RecoveryPlan(_Resource):
    """A recovery plan in the hub."""

    def __init__(
        self,
        plan: nouns.RecoveryPlan,
        *,
        estate: nouns.Estate,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"plan": plan_spec(plan), "hubs": hubs(estate)}
        super().__init__("RecoveryPlan", plan.name, inputs, opts)


class Migration(_Resource):
    """A move in the hub, begun once."""

    def __init__(
        self,
        move: nouns.DeclaredMove,
        *,
        estate: nouns.Estate,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Migration", move.name, {"move": encode(move), "hubs": hubs(estate)}, opts)


class Workload(_Resource):
    """All objects of a workload at one site."""

    def __init__(
        self,
        workload: nouns.Workload,
        *,
        site: nouns.Site,
        estate: nouns.Estate,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"workload": encode(workload), "site": encode(site)}
        way = estate.way(workload, site.name)
        inputs |= {"database": encode(way)} if way else {}
        super().__init__("Workload", f"{workload.name}-{site.name}", inputs, opts)


class Hosts(_Resource):
    """Hosts as a playbook leaves them."""

    def __init__(
        self,
        name: str,
        *,
        playbook: str,
        hosts: Sequence[str],
        inventory: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"playbook": playbook, "hosts": list(hosts), "inventory": dict(inventory)}
        super().__init__("Hosts", name, inputs, opts)


class DnsRecord(_Resource):
    """A name at every site's own DNS server; ``address`` is its first answer only."""

    def __init__(
        self,
        name: str,
        *,
        zone: str,
        address: str,
        servers: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"zone": zone, "name": name, "address": address, "servers": list(servers)}
        super().__init__("DnsRecord", name, inputs, opts)


class Bucket(_Resource):
    """An object bucket: encrypted, versioned, closed."""

    def __init__(
        self, name: str, *, site: nouns.Site, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("Bucket", name, {"name": name, **_region(site)}, opts)


class CloudNetwork(_Resource):
    """A private network; ``subnets`` is zone → CIDR."""

    def __init__(
        self,
        name: str,
        *,
        site: nouns.Site,
        cidr: str,
        subnets: Mapping[str, str],
        open_ports: Sequence[int],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "cidr": cidr,
            "subnets": dict(subnets),
            "openPorts": sorted(open_ports),
            **_region(site),
        }
        super().__init__("CloudNetwork", name, inputs, opts)


class CloudBaseline(_Resource):
    """Rules for passwords, and records of calls and flows in a bucket ``name`` of their own."""

    def __init__(
        self,
        name: str,
        *,
        site: nouns.Site,
        network: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name, "network": network, **_region(site)}
        super().__init__("CloudBaseline", name, inputs, opts)


class CloudDnsRecord(_Resource):
    """A steady public name in the cloud's own DNS."""

    def __init__(
        self,
        name: str,
        *,
        site: nouns.Site,
        zone: str,
        address: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"zone": zone, "name": name, "address": address, **_region(site)}
        super().__init__("CloudDnsRecord", f"public-{name}", inputs, opts)


def hubs(estate: nouns.Estate) -> list[str]:
    """The hub's API servers, in the order in which sites are declared."""
    return [site.endpoints.hub for site in estate.sites if site.endpoints.hub]


def _region(site: nouns.Site) -> dict[str, str]:
    return {"region": site.region, "endpoint": site.endpoints.cloud}


def within(
    parent: pulumi.Resource, opts: pulumi.ResourceOptions | None, *after: pulumi.Resource
) -> pulumi.ResourceOptions:
    """Options of a component's child: it waits for what the component waits for, and ``after``.

    Pulumi does not hand ``depends_on`` down by itself.
    """
    waited = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
    own = pulumi.ResourceOptions(parent=parent, depends_on=list(after))
    return pulumi.ResourceOptions.merge(waited, own)
