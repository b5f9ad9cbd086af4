"""The endpoints of an estate, each probed as a stranger: what a survey and an audit judge of them.

Needs no rights, so whoever reaches the network can look: ``xinglin survey`` does. Which endpoints
there are follows from the declaration and from the ports that the house gives its own programs.
SSH, DNS and the BMCs (UDP) speak no TLS and are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from hospital.errors import UnavailableError
from hospital.estate import Estate, HostRole, Site, Workload
from hospital.surveyed.endpoint import EndpointFacts, SurveyedEndpoint
from lab.services import gate_url
from providers.line import Speech, Target
from providers.patroni import POSTGRESQL_PORT, REST_PORT
from providers.tls import probe

INGRESS_PORTS = {"ingress": 443, "ingress-plain": 80}
Ask = Callable[[Target], EndpointFacts]  # UnavailableError where nobody answers
DMZ, INTERNAL = "dmz", "internal"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to look, and what depends on it."""

    site: Site
    purpose: str
    target: Target
    workloads: tuple[Workload, ...]  # that it serves, or that are managed through it
    required: bool = True  # False: nothing is amiss when nobody listens there

    @property
    def name(self) -> str:
        """Unique in the estate."""
        return f"{self.purpose}@{self.site.name}"


def endpoints(estate: Estate) -> Iterator[Endpoint]:
    """Every endpoint of the estate that speaks TLS, or should."""
    for site in estate.sites:
        here = estate.served_at(site.name)
        urls = {
            "kubernetes": site.endpoints.kubernetes,
            "hub": site.endpoints.hub,
            "etcd": site.endpoints.etcd,
            "cloud": site.endpoints.cloud,
            "admission": gate_url(site) if site.endpoints.kubernetes else "",
        }
        for purpose, url in urls.items():
            if url:
                yield Endpoint(site, purpose, _at(url), here)
        yield from _ingress(estate, site, here)
        yield from _databases(estate, site)


def look(
    estate: Estate, *, ask: Ask = probe
) -> tuple[tuple[SurveyedEndpoint, ...], tuple[str, ...]]:
    """What answered, and what did not, each with its reason."""
    seen, unseen = [], []
    for endpoint in endpoints(estate):
        try:
            seen.append(_surveyed(endpoint, ask(endpoint.target)))
        except UnavailableError as error:
            if endpoint.required:
                unseen.append(f"{endpoint.name}: {error}")
    return tuple(seen), tuple(unseen)


def _surveyed(endpoint: Endpoint, facts: EndpointFacts) -> SurveyedEndpoint:
    levels = (workload.crypto_level for workload in endpoint.workloads)
    public = any(workload.zone == DMZ for workload in endpoint.workloads)
    return SurveyedEndpoint(
        name=endpoint.name,
        site=endpoint.site.name,
        purpose=endpoint.purpose,
        address=endpoint.target.address,
        crypto_level=max(levels, default=0),
        zone=DMZ if public and endpoint.purpose in INGRESS_PORTS else INTERNAL,
        facts=facts,
    )


def _at(url: str) -> Target:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return Target(host, parts.port or {"http": 80}.get(parts.scheme, 443), (host,))


def _ingress(estate: Estate, site: Site, here: tuple[Workload, ...]) -> Iterator[Endpoint]:
    """The way in for people; a port for plain HTTP is looked at, and need not be there."""
    if not site.endpoints.ingress or not here:
        return
    names = tuple(estate.host_name(workload.name) for workload in here)
    for purpose, port in INGRESS_PORTS.items():
        target = Target(site.endpoints.ingress, port, names)
        yield Endpoint(site, purpose, target, here, required=purpose == "ingress")


def _databases(estate: Estate, site: Site) -> Iterator[Endpoint]:
    for host in site.hosts:
        holding = [base.name for base in estate.databases if host.id in base.members]
        if HostRole.DATABASE not in host.roles or not holding:
            continue
        arriving = {each.workload for each in estate.migrations if each.database in holding}
        kept = tuple(
            each for each in estate.workloads if each.database in holding or each.name in arriving
        )
        for purpose, port, speech in (
            ("database", POSTGRESQL_PORT, Speech.POSTGRESQL),
            ("patroni", REST_PORT, Speech.HTTP),
        ):
            target = Target(host.address, port, (host.address,), speech)
            yield Endpoint(site, f"{purpose}-{host.name}", target, kept)
