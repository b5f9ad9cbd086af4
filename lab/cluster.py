"""Setting up the clusters: rights, kinds and simulated nodes, once the API servers answer.

Done with the lab's own administrator certificate, which nobody works with afterwards.
Everything is applied server-side, so doing it again changes nothing.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from typing import Any

import httpx
import yaml

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Site
from lab import node, rbac, root
from lab.access import ADMIN
from lab.places import CHECKOUT, Places
from lab.services import gate_url
from policies.cel import admission_policies
from policies.webhook import configuration
from providers.access import Access

CRDS = CHECKOUT / "operators" / "crds"
MANAGER = "xinglin-lab"

Object = dict[str, Any]


def administrator(places: Places, *, timeout: float = 2.0) -> httpx.Client:
    """A client that may ask every cluster; only of use inside the lab's network."""
    tls = Access(places.access(ADMIN)).tls()
    return httpx.Client(verify=tls, timeout=timeout, trust_env=False)


def ready(client: httpx.Client, url: str) -> bool:
    """Whether an API server says that it is ready."""
    try:
        return client.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def set_up_site(site: Site, places: Places) -> None:
    """Rights, simulated nodes and the admission gate of a site's own cluster."""
    authority = Access(places.access(ADMIN)).path("ca.crt").read_text(encoding="ascii")
    gate = (configuration(gate_url(site), authority), *admission_policies())
    nodes = node.simulated_nodes(site)
    apply(site.endpoints.kubernetes, [*rbac.site_objects(), *nodes, *gate], places)


def set_up_hub(url: str, places: Places) -> None:
    """The hub's kinds, namespace and rights, through any one of its API servers."""
    kinds = [
        document
        for file in sorted(CRDS.glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if document
    ]
    apply(url, [*kinds, *rbac.hub_objects()], places)


def apply(url: str, objects: Iterable[Object], places: Places) -> None:
    """Server-side apply as the lab's administrator; RefusedError with the server's words."""
    access = places.access(ADMIN)
    bundle = {"apiVersion": "v1", "kind": "List", "items": [*objects]}
    command = (
        str(places.tools / "kubectl"), f"--server={url}",
        f"--certificate-authority={access}/ca.crt",
        f"--client-certificate={access}/tls.crt", f"--client-key={access}/tls.key",
        "--kubeconfig=/dev/null", f"--cache-dir={places.lab}/kubectl",
        "apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}",
        "--validate=false", "--filename=-",
    )  # fmt: skip
    line = root.at_desk(command, places)
    done = subprocess.run(
        line, input=json.dumps(bundle), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip()[-2000:]
        unreachable = any(word in said for word in ("refused", "timeout", "EOF", "no route"))
        raise (UnavailableError if unreachable else RefusedError)(url, said)


def conditions(client: httpx.Client, url: str) -> dict[str, Object]:
    """Nodes by name with the labels, and why they are not ready; "" if they are."""
    answer = client.get(f"{url}/api/v1/nodes", params={"resourceVersion": "0"})
    answer.raise_for_status()
    return {
        item["metadata"]["name"]: {
            "labels": item["metadata"].get("labels", {}),
            "trouble": _trouble(item),
        }
        for item in answer.json()["items"]
    }


def _trouble(item: Object) -> str:
    for one in item.get("status", {}).get("conditions", []):
        if one["type"] == "Ready":
            said = f"{one.get('reason', '')}: {one.get('message', '')}"
            return "" if one["status"] == "True" else said
    return "its kubelet has not said how it is"
