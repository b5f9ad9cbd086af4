"""The hub: declarations, actions, status and leases in its Kubernetes API.

HubStore and LeaseStore of ``providers/ports.py`` over one ``Cluster``. Every write that two
operators could race for is a compare-and-swap on ``resourceVersion``: the loser gets a
RefusedError and must look again, it never overwrites. Declarations belong to Pulumi and are
only read here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hospital.codec import HubObject
from hospital.errors import RefusedError
from hospital.story import Action, ActionKind, ActionPhase, StepRecord
from providers.hub_migrations import HubMigrations
from providers.hub_objects import API_VERSION, NAMESPACE, bare, record_of, step_of
from providers.kubernetes import RECOVERY, AnswerError, Cluster, Object, Ref
from providers.ports import Lease

__all__ = ["API_VERSION", "NAMESPACE", "Hub"]

DECLARED_KINDS = ("Site", "Workload", "RecoveryPlan")
DATABASE = "database/"  # prefix of a database as a subject; any other subject is a workload

_RFC3339_MICRO = "%Y-%m-%dT%H:%M:%S.%fZ"


class Hub(HubMigrations):
    """What operators and console keep in the hub, through one site's API server."""

    def __init__(self, cluster: Cluster, *, identity: str = RECOVERY) -> None:
        """``identity`` is who Events are reported by, such as ``operator-cloud``."""
        super().__init__(cluster)
        self._identity = identity
        self._versions: dict[str, str] = {}  # action → the resourceVersion we last saw

    def declared(self) -> tuple[HubObject, ...]:
        """Every Site, Workload and RecoveryPlan; ``hospital.codec.estate_from`` reads them."""
        return tuple(
            HubObject(kind, item["metadata"]["name"], item["spec"])
            for kind in DECLARED_KINDS
            for item in self.cluster.items(API_VERSION, kind)
        )

    def actions(self) -> tuple[Action, ...]:
        """All RecoveryActions with their step records, oldest first."""
        found = []
        for item in self.cluster.items(API_VERSION, "RecoveryAction"):
            self._remember(item)
            found.append(_action(item))
        return tuple(sorted(found, key=lambda action: (action.requested_at, action.name)))

    def create_action(self, action: Action) -> None:
        """Ask for an action; RefusedError if the name exists."""
        spec = {
            "plan": action.plan,
            "kind": action.kind.value,
            "reason": action.reason,
            "requestedBy": action.requested_by,
            "requestedAt": action.requested_at,
            "acceptLoss": action.accept_loss,
        }
        if action.target:
            spec["target"] = action.target
        item = bare("RecoveryAction", action.name) | {"spec": spec}
        self._remember(self.cluster.create(item, field_manager=RECOVERY))

    def record(
        self, action: str, *, records: tuple[StepRecord, ...], phase: str, message: str
    ) -> None:
        """Write phase and step records; RefusedError on a lost race (another operator wrote).

        The race is judged against what this Hub last read or wrote of the action.
        """
        if action not in self._versions:
            raise RefusedError(self.cluster.endpoint, f"action {action} was never read")
        patch = {
            "metadata": {"resourceVersion": self._versions[action]},
            "status": {
                "phase": phase,
                "message": message,
                "steps": [step_of(record) for record in records],
            },
        }
        self._remember(self._merge_status("RecoveryAction", action, patch))

    def active_sites(self) -> dict[str, str]:
        """Workload → site where it runs now; and ``database/<name>`` → host id of its primary.

        A workload that never moved is where it was declared, at home; a database whose primary
        was never recorded is absent.
        """
        active = {
            item["metadata"]["name"]: item.get("status", {}).get("activeSite")
            or item["spec"]["home"]
            for item in self.cluster.items(API_VERSION, "Workload")
        }
        for plan in self.cluster.items(API_VERSION, "RecoveryPlan"):
            database, primary = plan["spec"].get("database"), _primary(plan)
            if database and primary:
                active[DATABASE + database] = primary
        return active

    def set_active(self, *, subject: str, site: str) -> None:
        """Record where a workload runs, or (``database/<name>``) which host id is primary."""
        if not subject.startswith(DATABASE):
            patch = {"status": {"activeSite": site}}
            self._merge_status("Workload", subject, patch)
            return
        database = subject.removeprefix(DATABASE)
        for plan in self.cluster.items(API_VERSION, "RecoveryPlan"):
            if plan["spec"].get("database") == database and _primary(plan) != site:
                name = plan["metadata"]["name"]
                self._merge_status("RecoveryPlan", name, {"status": {"primary": site}})

    def set_status(self, kind: str, name: str, *, status: Mapping[str, Any]) -> None:
        """Merge ``status`` into the object's status; an object that is gone is no error."""
        try:
            item = self._merge_status(kind, name, {"status": dict(status)})
        except AnswerError as refusal:
            if refusal.status != 404:
                raise
            return
        if kind == "RecoveryAction":
            self._remember(item)

    def announce(
        self, kind: str, name: str, *, reason: str, message: str, warning: bool = False
    ) -> None:
        """A Kubernetes Event about a hub object, in namespace ``xinglin``."""
        now = datetime.now(UTC)
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            # The API accepts an Event only in the namespace of what it is about, and what has
            # none counts as being in that of the Event.
            "metadata": {"name": f"{name}.{time.time_ns():x}", "namespace": NAMESPACE},
            "involvedObject": {
                "apiVersion": API_VERSION,
                "kind": kind,
                "name": name,
                "namespace": NAMESPACE,
            },
            "reason": reason,
            "message": message[:1024],  # the API's limit
            "type": "Warning" if warning else "Normal",
            "action": reason,
            "eventTime": now.strftime(_RFC3339_MICRO),
            "reportingComponent": "xinglin.dev/operator",
            "reportingInstance": self._identity,
        }
        self.cluster.create(event, field_manager=RECOVERY)

    def leases(self) -> tuple[Lease, ...]:
        """All Leases in the hub's namespace, by one quorum read."""
        found = self.cluster.items("coordination.k8s.io/v1", "Lease", namespace=NAMESPACE)
        return tuple(_lease(item) for item in found)

    def write(self, lease: Lease) -> Lease:
        """Compare and swap on ``lease.version`` (create when it is ""); returns what is stored.

        RefusedError when another writer was first.
        """
        ref = Ref("coordination.k8s.io/v1", "Lease", lease.name, NAMESPACE)
        item: Object = {
            "apiVersion": ref.api_version,
            "kind": ref.kind,
            "metadata": {
                "name": lease.name,
                "namespace": NAMESPACE,
                "annotations": dict(lease.annotations),
            },
            "spec": {
                "holderIdentity": lease.holder,
                # Whole seconds only; the annotation below keeps what the API cannot.
                "leaseDurationSeconds": max(1, round(lease.duration_seconds)),
                "renewTime": datetime.fromtimestamp(lease.renewed, UTC).strftime(_RFC3339_MICRO),
            },
        }
        item["metadata"]["annotations"][_DURATION] = str(lease.duration_seconds)
        if not lease.version:
            return _lease(self.cluster.create(item, field_manager=RECOVERY))
        item["metadata"]["resourceVersion"] = lease.version
        return _lease(self.cluster.merge(ref, item, field_manager=RECOVERY))

    def _merge_status(self, kind: str, name: str, patch: Object) -> Object:
        ref = Ref(API_VERSION, kind, name)
        return self.cluster.merge(ref, patch, field_manager=RECOVERY, subresource="status")

    def _remember(self, item: Object) -> None:
        meta = item["metadata"]
        self._versions[meta["name"]] = meta["resourceVersion"]


_DURATION = "xinglin.dev/duration-seconds"


def _primary(plan: Object) -> str:
    return str(plan.get("status", {}).get("primary", ""))


def _action(item: Object) -> Action:
    spec, status = item["spec"], item.get("status", {})
    created = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
    return Action(
        name=item["metadata"]["name"],
        plan=spec["plan"],
        kind=ActionKind(spec["kind"]),
        target=spec.get("target", ""),
        reason=spec["reason"],
        requested_by=spec["requestedBy"],
        requested_at=float(spec.get("requestedAt", created.timestamp())),
        accept_loss=spec.get("acceptLoss", False),
        phase=ActionPhase(status.get("phase", ActionPhase.PENDING)),
        message=status.get("message", ""),
        records=tuple(record_of(step) for step in status.get("steps", ())),
    )


def _lease(item: Object) -> Lease:
    meta, spec = item["metadata"], item.get("spec", {})
    annotations = dict(meta.get("annotations", {}))
    whole = spec.get("leaseDurationSeconds", 0)
    renewed = spec.get("renewTime")
    return Lease(
        name=meta["name"],
        holder=spec.get("holderIdentity", ""),
        renewed=datetime.fromisoformat(renewed).timestamp() if renewed else 0.0,
        duration_seconds=float(annotations.pop(_DURATION, whole)),
        annotations=annotations,
        version=meta["resourceVersion"],
    )
