"""One workload at one site: all its Kubernetes objects as one resource.

Coarse on purpose, because the engine pays per resource; previews still tell object and field.
It owns shape. A Deployment is born with no replicas, then gets its first place as
``xinglin-recovery``: declared replicas at home, none at a standby, none of a rehearsal. No later
call touches place, so that ``pulumi up`` can never move a hospital. A workload that runs on hosts
at the site has no objects, and is still judged by the rules that speak of workloads.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from hospital.codec import decode
from hospital.errors import DeclarationError, Problem, RefusedError, UnavailableError
from hospital.estate import DatabaseWay, Site, Workload
from providers.changes import Change, ChangeKind, Difference
from providers.kubernetes import PULUMI, RECOVERY, Cluster, Object, Ref, namespace_of
from providers.objects import DECLARED, objects, secret, trust, usual
from providers.resources import Plain, ResourceKind

_DECLARED_KEYS = ("workload", "site", "database")
_EMPTYING = timedelta(seconds=90)  # a namespace goes when its pods have stopped


class WorkloadKind(ResourceKind):
    """A workload at a site."""

    token = "Workload"
    required = (("workload", dict), ("site", dict))  # database: the way to it from this site
    identity = frozenset({"workload.name", "site.name", "site.endpoints.kubernetes"})

    def check(self, inputs: Plain) -> Plain:
        """Nouns that decode and fit each other; ``objects`` are derived from them."""
        checked = super().check(inputs)
        workload, site = _nouns(checked)
        database = _database(checked)
        prepared = database is not None and database.name != workload.database
        if site.name not in workload.sites and not prepared:
            raise _problem("site", f"{workload.name} is not declared at {site.name}")
        if not set(site.architectures) & set(workload.architectures):
            raise _problem("site.architectures", f"none of them can run {workload.name}")
        return checked | {"objects": list(objects(workload, site, database=database))}

    def id(self, inputs: Plain) -> str:
        """``<API server>/<workload>``."""
        return f"{inputs['site']['endpoints']['kubernetes']}/{inputs['workload']['name']}"

    def drift(self, new: Plain) -> tuple[Difference, ...]:
        """By a dry run of server-side apply, secret included: that it differs, never how."""
        if not new["objects"]:
            return ()
        cluster = self._cluster(new)
        found = cluster.apply(self._all(new), field_manager=PULUMI, dry_run=True)
        return tuple(_told(change, new["objects"]) for change in found)

    def create(self, inputs: Plain) -> None:
        """Apply all objects; an interrupted creation goes on where it stopped."""
        workload, site = _nouns(inputs)
        at_home = site.name == workload.home and not workload.rehearses
        first = workload.replicas if at_home else 0
        self._apply(inputs, first_place=first)

    def update(self, old: Plain, new: Plain) -> None:
        """Apply shape and remove what is no longer declared.

        A Deployment that somebody deleted comes back with no replicas: operators know its place.
        """
        self._apply(new, first_place=0)
        cluster, kept = self._cluster(new), {Ref.of(item) for item in new["objects"]}
        for item in reversed(old["objects"]):
            if Ref.of(item) not in kept:
                cluster.delete(Ref.of(item))

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """What is declared, with what the cluster says instead where it differs."""
        if state and not state.get("objects", True):
            return self.check(_kept(state))  # it runs on hosts, which a playbook prepares
        endpoint, _, name = id.rpartition("/")
        cluster = Cluster(endpoint, self.access, connect=1.0, read=10.0)
        namespace = cluster.get(Ref("v1", "Namespace", namespace_of(name)))
        if namespace is None or namespace["metadata"].get("deletionTimestamp"):
            return None
        nouns = _kept(state)
        if not nouns:
            nouns = _declared(namespace, endpoint)
        expected = self.check(nouns)
        return expected | {"objects": _as_seen(cluster, expected["objects"])}

    def delete(self, state: Plain) -> None:
        """Delete the namespace and wait until it is gone, so that it can be made again."""
        cluster = self._cluster(state)
        ref = Ref("v1", "Namespace", namespace_of(state["workload"]["name"]))
        if not cluster.delete(ref):
            return
        waiting = Retrying(
            stop=stop_after_delay(_EMPTYING),
            wait=wait_fixed(0.5),
            retry=retry_if_result(lambda found: found is not None),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        if waiting(cluster.get, ref) is not None:
            raise UnavailableError(cluster.endpoint, f"namespace {ref.name} does not go away")

    def _apply(self, inputs: Plain, *, first_place: int) -> None:
        items = self._all(inputs)
        if not items:
            return
        cluster = self._cluster(inputs)
        for item in items:
            if item["kind"] == "Deployment":
                _bear(cluster, item, replicas=first_place)
            cluster.apply([item], field_manager=PULUMI)

    def _all(self, inputs: Plain) -> list[Object]:
        """Everything to apply, secrets included, Deployments last."""
        workload, _ = _nouns(inputs)
        found = [*inputs["objects"]]
        if not found:
            return []
        certificate = self.access.path("ca.crt").read_text(encoding="ascii")
        sealed = [trust(workload, certificate)]
        database = _database(inputs)
        if database:
            accounts = self.access.document("database.json").get("workloads", {})
            if workload.name not in accounts:
                raise _problem("workload.database", f"database.json has no {workload.name}")
            sealed.append(secret(workload, database, **accounts[workload.name]))
        return [*found[:1], *sealed, *found[1:]]

    def _cluster(self, inputs: Plain) -> Cluster:
        endpoint = inputs["site"]["endpoints"]["kubernetes"]
        return Cluster(endpoint, self.access, connect=1.0, read=10.0)


def _bear(cluster: Cluster, deployment: Object, *, replicas: int) -> None:
    """First place of a Deployment that has none yet; never a replica where none belongs."""
    ref = Ref.of(deployment)
    there = cluster.get(ref)
    if there is not None and _is_placed(there):
        return
    unborn = deployment | {"spec": deployment["spec"] | {"replicas": 0}}
    cluster.apply([unborn], field_manager=PULUMI)
    cluster.scale(ref, replicas=replicas)


def _is_placed(deployment: Object) -> bool:
    """Whether ``xinglin-recovery`` owns the replicas already."""
    entries = deployment["metadata"].get("managedFields", ())
    return any(entry.get("manager") == RECOVERY for entry in entries)


def _database(inputs: Plain) -> DatabaseWay | None:
    """What the pods reach there: at the target of a declared migration, not the workload's own."""
    if "database" in inputs:
        return decode(DatabaseWay, inputs["database"], where="Workload.database")
    return usual(decode(Workload, inputs["workload"], where="Workload.workload"))


def _kept(state: Plain) -> Plain:
    return {key: state[key] for key in _DECLARED_KEYS if key in state}


def _nouns(inputs: Plain) -> tuple[Workload, Site]:
    workload = decode(Workload, inputs["workload"], where="Workload.workload")
    return workload, decode(Site, inputs["site"], where="Workload.site")


def _declared(namespace: Object, endpoint: str) -> Plain:
    """The nouns that a namespace of ours carries, for import."""
    text = namespace["metadata"].get("annotations", {}).get(DECLARED)
    if text is None:
        name = namespace["metadata"]["name"]
        raise RefusedError(endpoint, f"namespace {name} was not made by Xinglin")
    return dict(json.loads(text))


def _as_seen(cluster: Cluster, expected: list[Object]) -> list[Object]:
    """The objects as declared, with the cluster's value wherever it differs."""
    seen = []
    for item in expected:
        changes = cluster.apply([item], field_manager=PULUMI, dry_run=True)
        if any(change.kind is ChangeKind.ADD and not change.path for change in changes):
            continue
        seen.append(_overlaid(item, changes))
    return seen


def _overlaid(item: Object, changes: tuple[Change, ...]) -> Object:
    seen = deepcopy(item)
    for change in changes:
        _put(seen, change.path, change.before)
    return seen


def _put(value: Any, path: tuple[str, ...], found: Any) -> None:
    """Set what was found at ``path``; a field that is not declared, or not there, is left out."""
    for key in path[:-1]:
        value = value[int(key)] if isinstance(value, list) else value.get(key)
        if value is None:
            return
    if isinstance(value, list):
        value[int(path[-1])] = found
    elif found is None:
        value.pop(path[-1], None)
    else:
        value[path[-1]] = found


def _told(change: Change, items: list[Object]) -> Difference:
    """A change as a path below the resource's inputs; what is no input is told by its object."""
    for index, item in enumerate(items):
        if change.subject == f"{item['kind']}/{item['metadata']['name']}":
            return change.kind, ("objects", str(index), *change.path), change.before, change.after
    return change.kind, ("objects", change.subject, *change.path), change.before, change.after


def _problem(field: str, message: str) -> DeclarationError:
    return DeclarationError((Problem("Workload", field, message),))
