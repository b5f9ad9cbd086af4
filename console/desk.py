"""The desk: from where the console talks to an estate, and as whom.

With ``XINGLIN_ACCESS`` set, that directory says who we are and the network is the machine's
own. Without it, and with a lab running, the command moves into the lab's network, from which
no other network can be reached, and takes the identity that the command needs and no stronger one.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hospital.codec import estate_from
from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate
from hospital.move import Migration
from hospital.prechecks.facts import Facts
from lab import root
from lab.places import CHECKOUT, Places
from providers.access import VARIABLE, Access
from providers.hub import Hub
from providers.kubernetes import Cluster, Object
from providers.prospect import Prospect
from stacks.estate import read_estate

PATIENCE = 3.0  # seconds for one answer: a person waits longer than an operator may
DECLARATION = CHECKOUT / "stacks" / "estates" / "lab.yaml"


@dataclass(frozen=True, slots=True)
class HubSeen:
    """How the hub answers at one site."""

    site: str
    answers: bool  # its API server took the call
    quorum: bool  # it could read what a majority agrees on
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """An identity, the declaration that says where things are, and the way to the hub."""

    estate: Estate
    access: Access

    def hub_at(self, site: str) -> Hub:
        """The hub through one site's API server."""
        endpoint = self.estate.site(site).endpoints.hub
        return Hub(Cluster(endpoint, self.access, read=PATIENCE), identity="xinglin")

    def look(self) -> tuple[HubSeen, ...]:
        """How the hub answers at every site, asked one after the other."""
        return tuple(self._look(site.name) for site in self.estate.sites)

    def hub(self) -> Hub:
        """The hub at the first site that has quorum; UnavailableError that says what each said."""
        seen: list[HubSeen] = []
        for site in self.estate.sites:
            seen.append(self._look(site.name))
            if seen[-1].quorum:
                return self.hub_at(site.name)
        told = "; ".join(f"{each.site}: {each.trouble}" for each in seen)
        raise UnavailableError("hub", f"没有法定多数 / no quorum at any site ({told})")

    def declared(self) -> Estate:
        """The estate as the hub holds it, which is what the operators act on."""
        return estate_from(self.hub().declared())

    def facts(self, estate: Estate, migration: Migration) -> Facts:
        """What can be seen from here of a migration that may never be; no database is asked."""
        return Prospect("", self.access, self.hub()).facts(estate, migration)

    def nodes(self, site: str) -> tuple[Object, ...]:
        """The nodes of a site's own cluster; UnavailableError if it does not answer."""
        endpoint = self.estate.site(site).endpoints.kubernetes
        return tuple(Cluster(endpoint, self.access, read=PATIENCE).items("v1", "Node"))

    def _look(self, site: str) -> HubSeen:
        hub = self.hub_at(site)
        try:
            hub.leases()
        except UnavailableError as error:
            return HubSeen(site, _listens(hub.cluster.endpoint), quorum=False, trouble=str(error))
        except RefusedError as error:
            return HubSeen(site, answers=True, quorum=False, trouble=str(error))
        return HubSeen(site, answers=True, quorum=True)


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=0.5):
            return True
    except OSError:
        return False


def sit_down(identity: str, *, declaration: Path = DECLARATION) -> Desk:
    """Take a seat as ``identity``; moves this process into the lab's network if one runs here.

    UnavailableError if there is neither a lab nor ``XINGLIN_ACCESS``.
    """
    estate = read_estate(declaration)
    if os.environ.get(VARIABLE):
        return Desk(estate, Access.from_environment())
    places = Places.from_environment()
    try:
        root.enter(places)
    except PermissionError as error:
        raise UnavailableError(str(places.lab), "the lab can be entered by root only") from error
    return Desk(estate, Access(places.access(identity)))
