"""What a public-cloud site needs of its cloud: a network, a bucket, records, public names.

The bucket keeps backups and copies of evidence. The names are steady (one per site's ingress);
where a workload answers is told by the sites' own DNS servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

import pulumi

from hospital.estate import Estate, Site
from stacks.resources import Bucket, CloudBaseline, CloudDnsRecord, CloudNetwork, within

_NETWORK_BITS = 16  # a site's network
_SUBNET_BITS = 20  # a zone's share of it
_HTTPS = 443  # all that the outside may reach


@dataclass(frozen=True, slots=True)
class CloudFoundationArgs:
    """The cloud site, and the estate whose ingresses get public names."""

    estate: Estate
    site: Site


class CloudFoundation(pulumi.ComponentResource):
    """Network, bucket and names in one public cloud."""

    def __init__(
        self, name: str, args: CloudFoundationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("xinglin:index:CloudFoundation", name, None, opts)
        inside = within(self, opts)
        estate, site = args.estate, args.site
        network = ip_network(f"{site.endpoints.ingress}/{_NETWORK_BITS}", strict=False)
        blocks = network.subnets(new_prefix=_SUBNET_BITS)
        made = CloudNetwork(
            f"{estate.name}-{site.name}",
            site=site,
            cidr=str(network),
            subnets={f"{site.region}{zone}": str(next(blocks)) for zone in "ab"},
            open_ports=[_HTTPS],
            opts=inside,
        )
        Bucket(estate.bucket(site.name), site=site, opts=inside)
        CloudBaseline(
            f"{estate.bucket(site.name)}-records",
            site=site,
            network=f"{estate.name}-{site.name}",
            opts=within(self, opts, made),
        )
        for each in estate.sites:
            CloudDnsRecord(
                f"{each.name}.{estate.domain}",
                site=site,
                zone=estate.domain,
                address=each.endpoints.ingress,
                opts=inside,
            )
        self.register_outputs({"network": str(network)})
