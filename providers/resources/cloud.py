"""What a public cloud holds for a hospital: a network, a bucket, names, records.

Shape only, and safe by construction: a bucket that is not encrypted, versioned and closed is
refused before any call.
"""

from __future__ import annotations

from hospital.errors import DeclarationError, Problem
from providers.aws import Cloud
from providers.baseline import Baseline
from providers.resources import Plain, ResourceKind

_REGION = ("region", str)


class CloudKind(ResourceKind):
    """Something in one region; ``endpoint`` is empty for the cloud's own."""

    identity = frozenset({"name", "endpoint", "region"})

    def check(self, inputs: Plain) -> Plain:
        """``endpoint`` may be left out."""
        return {"endpoint": ""} | super().check(inputs)

    def id(self, inputs: Plain) -> str:
        """``<region>/<name>``, or ``<region>@<endpoint>/<name>``."""
        at = f"@{inputs['endpoint']}" if inputs["endpoint"] else ""
        return f"{inputs['region']}{at}/{inputs['name']}"

    def cloud(self, inputs: Plain) -> Cloud:
        """The region's API."""
        return Cloud(inputs["endpoint"], inputs["region"], self.access)

    @staticmethod
    def _where(id: str) -> Plain:  # noqa: A002
        place, _, name = id.rpartition("/")
        region, _, endpoint = place.partition("@")
        return {"region": region, "endpoint": endpoint, "name": name}


class BucketKind(CloudKind):
    """An object bucket for backups and evidence."""

    token = "Bucket"
    required = (("name", str), _REGION)

    def check(self, inputs: Plain) -> Plain:
        """Says in the inputs what every bucket of ours is, so that policies can read it."""
        safe = {"encrypted": True, "versioned": True, "publicAccessBlocked": True}
        checked = safe | super().check(inputs)
        wrong = [field for field in safe if checked[field] is not True]
        if wrong:
            problems = tuple(Problem("Bucket", field, "must be true") for field in wrong)
            raise DeclarationError(problems)
        return checked

    def create(self, inputs: Plain) -> None:
        """Make it, or close what is open."""
        self.cloud(inputs).ensure_bucket(inputs["name"])

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """Its settings as they are."""
        where = self._where(id)
        found = self.cloud(where).bucket(where["name"])
        return None if found is None else where | found

    def delete(self, state: Plain) -> None:
        """Only when empty."""
        self.cloud(state).delete_bucket(state["name"])


class CloudNetworkKind(CloudKind):
    """A private network with one subnet per zone."""

    token = "CloudNetwork"
    required = (("name", str), ("cidr", str), ("subnets", dict), ("openPorts", list), _REGION)
    identity = CloudKind.identity | {"cidr", "subnets"}

    def create(self, inputs: Plain) -> None:
        """Make what is missing, close what is not declared."""
        self.cloud(inputs).ensure_network(
            inputs["name"],
            cidr=inputs["cidr"],
            subnets=inputs["subnets"],
            open_ports=tuple(inputs["openPorts"]),
        )

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """As it is."""
        where = self._where(id)
        found = self.cloud(where).network(where["name"])
        return None if found is None else where | found

    def delete(self, state: Plain) -> None:
        """With its subnets and its security group."""
        self.cloud(state).delete_network(state["name"])


class CloudBaselineKind(CloudKind):
    """Rules for passwords, the record of calls, and that of flows in a network."""

    token = "CloudBaseline"
    required = (("name", str), ("network", str), _REGION)
    identity = CloudKind.identity | {"network"}

    def check(self, inputs: Plain) -> Plain:
        """Says in the inputs what is there afterwards, so that a refresh sees what is gone."""
        return {"passwords": True, "trail": True, "flows": True} | super().check(inputs)

    def id(self, inputs: Plain) -> str:
        """As that of the others, and ``:<network>``."""
        return f"{super().id(inputs)}:{inputs['network']}"

    def create(self, inputs: Plain) -> None:
        """Make what is missing."""
        self._baseline(inputs).ensure()

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """What of it is there."""
        place, _, network = id.rpartition(":")
        where = self._where(place) | {"network": network}
        found = self._baseline(where).seen()
        return None if found is None else where | found

    def delete(self, state: Plain) -> None:
        """Stop writing; what was written stays."""
        self._baseline(state).stop()

    def _baseline(self, inputs: Plain) -> Baseline:
        return Baseline(self.cloud(inputs), inputs["name"], network=inputs["network"])


class CloudDnsRecordKind(CloudKind):
    """A steady public name, such as that of a site's ingress."""

    token = "CloudDnsRecord"
    required = (("zone", str), ("name", str), ("address", str), _REGION)
    identity = CloudKind.identity | {"zone"}

    def create(self, inputs: Plain) -> None:
        """Make the zone and the record."""
        self.cloud(inputs).ensure_record(inputs["zone"], inputs["name"], address=inputs["address"])

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """What it answers."""
        where = self._where(id)
        zone = state.get("zone") or where["name"].partition(".")[2]
        address = self.cloud(where).record(zone, where["name"])
        return where | {"zone": zone, "address": address} if address else None

    def delete(self, state: Plain) -> None:
        """The name, and the zone with the last one."""
        self.cloud(state).delete_record(state["zone"], state["name"])
