"""The third gate in the lab: each site's cluster asks its own server before it takes an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import pytest

from hospital.errors import HospitalError
from hospital.estate import Estate
from lab import root
from lab.access import ADMIN
from lab.health import Desk
from lab.lifecycle import wait_until
from lab.places import Places
from policies.webhook import WORKLOAD_LABEL
from providers.access import Access
from providers.kubernetes import PULUMI, Cluster, Ref

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

SITE = "campus-arm"
HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
NEEDS = {"requests": {"cpu": "10m", "memory": "8Mi"}, "limits": {"memory": "8Mi"}}


@dataclass(frozen=True)
class Gated:
    """A namespace of a workload at a site, asked as the site's administrator."""

    desk: Desk
    cluster: Cluster
    space: str

    def refusal(self, item: dict[str, Any]) -> str:
        """What the API server says to the object; "" when it takes it."""
        said: list[str] = []

        def apply(_: object) -> bool:
            try:
                self.cluster.apply([item], field_manager=PULUMI)
            except HospitalError as error:
                said.append(str(error))
            return True

        assert self.desk.ask(apply)
        return "".join(said)

    def namespace(self) -> dict[str, Any]:
        labels = {WORKLOAD_LABEL: "gate", "pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": self.space, "labels": labels}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    def deployment(
        self, name: str, *, needs: dict[str, Any] = NEEDS, **context: object
    ) -> dict[str, Any]:
        """Nothing runs of it: it has no replicas."""
        container = {
            "name": "service",
            "image": "xinglin.dev/service:1",
            "resources": needs,
            "readinessProbe": {"tcpSocket": {"port": 8080}},
            "securityContext": HARDENED | context,
        }
        pod = {
            "serviceAccountName": "gate",
            "automountServiceAccountToken": False,
            "containers": [container],
        }
        template = {"metadata": {"labels": {"app": name}}, "spec": pod}
        spec = {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template}
        metadata = {"name": name, "namespace": self.space}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


@pytest.fixture
def gated(lab: Places, desk: Desk, estate: Estate) -> Iterator[Gated]:
    url = estate.site(SITE).endpoints.kubernetes
    cluster = Cluster(url, Access(lab.access(ADMIN)), read=10)
    found = Gated(desk, cluster, f"hospital-gate-{token_hex(3)}")
    assert found.refusal(found.namespace()) == ""
    yield found
    desk.ask(lambda _: cluster.delete(Ref("v1", "Namespace", found.space)))


def test_what_a_rule_refuses_does_not_enter_and_what_is_good_does(gated: Gated) -> None:
    by_policy = gated.refusal(gated.deployment("writable", readOnlyRootFilesystem=False))
    assert "root_file_system_read_only" in by_policy
    by_webhook = gated.refusal(gated.deployment("greedy", needs={"limits": {"cpu": "1"}}))
    assert "requests_declared" in by_webhook
    for said in (by_policy, by_webhook):
        assert "整改" in said
        assert "Remedy" in said
    assert gated.refusal(gated.deployment("good")) == ""


def test_without_its_server_a_workloads_namespace_is_closed_but_what_is_there_scales(
    gated: Gated, lab: Places
) -> None:
    supervisor = root.supervisor(lab, SITE)
    assert gated.refusal(gated.deployment("before")) == ""
    supervisor.stop("admission")
    try:
        assert "failed calling webhook" in gated.refusal(gated.deployment("during"))
        ref = Ref("apps/v1", "Deployment", "before", gated.space)
        assert gated.desk.ask(lambda _: gated.cluster.scale(ref, replicas=1) is None)
    finally:
        supervisor.start("admission")
    wait_until(lambda: gated.refusal(gated.deployment("after")) == "", seconds=60, what="the gate")
