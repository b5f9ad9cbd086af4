"""The operator as a process: kopf, a client certificate, a real hub, and nothing else alive."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from play import LAB

from hospital.codec import hub_objects
from hospital.errors import HospitalError
from lab.pki import evidence_key
from providers.kubernetes import PULUMI, Cluster, Ref
from stacks.estate import read_estate

pytestmark = pytest.mark.lab

API = "xinglin.dev/v1alpha1"
ROOT = Path(__file__).parents[2]
ROLE = [
    {"apiGroups": ["xinglin.dev"], "resources": ["*"], "verbs": ["*"]},
    {"apiGroups": ["apiextensions.k8s.io"], "resources": ["*"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["*"]},
    {"apiGroups": [""], "resources": ["events", "configmaps"], "verbs": ["*"]},
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "watch"]},
]


def _until(true: Callable[[], object], *, seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := true():
                return found
        except (HospitalError, httpx.HTTPError):
            pass
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def _access(server: Any) -> Path:
    directory: Path = server.authority.issue("operator-cloud")
    secret = {"user": "operator", "password": "unused"}
    (directory / "bmc.json").write_text(json.dumps(secret), encoding="utf-8")
    (directory / "evidence.key").write_bytes(evidence_key())
    for name in ("ssh_key", "known_hosts"):
        (directory / name).write_text("", encoding="utf-8")
    tsig = {"name": "operator", "algorithm": "hmac-sha256", "secret": "dW51c2Vk"}
    (directory / "tsig.json").write_text(json.dumps(tsig), encoding="utf-8")
    roles = dict.fromkeys(("superuser", "replication", "rewind", "patroni"), secret)
    (directory / "database.json").write_text(json.dumps(roles), encoding="utf-8")
    return directory


def _declare(cluster: Cluster) -> None:
    """The lab's estate with every address on the loopback network, where nobody answers."""
    text = LAB.read_text(encoding="utf-8").replace(" 10.", " 127.").replace("//10.", "//127.")
    local = LAB.parent / "loopback.yaml"
    local.write_text(text, encoding="utf-8")
    try:
        objects = hub_objects(read_estate(local))
    finally:
        local.unlink()
    cluster.apply(
        [
            {"apiVersion": API, "kind": o.kind, "metadata": {"name": o.name}, "spec": o.spec}
            for o in objects
        ],
        field_manager=PULUMI,
    )


@pytest.fixture(scope="module")
def operator(api_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running operator of ``cloud``; the port of its liveness endpoint."""
    cluster = api_server.cluster()
    _declare(cluster)
    user = {"kind": "User", "name": "operator-cloud", "apiGroup": "rbac.authorization.k8s.io"}
    kinds = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "operator"}}
    reference = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "operator",
    }
    role = kinds | {"kind": "ClusterRole", "rules": ROLE}
    bound = kinds | {"kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [user]}
    cluster.apply([role, bound], field_manager=PULUMI)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = tmp_path_factory.mktemp("operator") / "log"
    command = [sys.executable, "-m", "kopf", "run", "-m", "operators.main", "--standalone"]
    command.append("--all-namespaces")
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, f"--liveness=http://127.0.0.1:{port}/healthz"],
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "XINGLIN_SITE": "cloud",
                "XINGLIN_HUB": api_server.endpoint,
                "XINGLIN_ACCESS": str(_access(api_server)),
            },
            stdout=sink,
            stderr=sink,
        )
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        print(log.read_text(encoding="utf-8"))


def test_it_leads_and_says_so_at_its_liveness_endpoint(operator: int) -> None:
    def leading() -> bool:
        answer = httpx.get(f"http://127.0.0.1:{operator}/healthz", timeout=5.0)
        found: bool = answer.json().get("loops", {}).get("leading", False)
        return answer.status_code == 200 and found

    assert _until(leading)


def test_a_persons_action_is_judged_and_answered(operator: int, api_server: Any) -> None:
    cluster = api_server.cluster()
    made = cluster.create(
        {
            "apiVersion": API,
            "kind": "RecoveryAction",
            "metadata": {"name": f"p-{time.time_ns():x}"},
            "spec": {
                "plan": "surgical",
                "kind": "failover",
                "reason": "test",
                "requestedBy": "li.wei",
            },
        },
        field_manager="person",
    )
    ref = Ref.of(made)

    def refused() -> str:
        status = (cluster.get(ref) or {}).get("status", {})
        return str(status.get("message", "")) if status.get("phase") == "Refused" else ""

    assert "'surgical'" in _until(refused)
    _until(lambda: not (cluster.get(ref) or {})["metadata"].get("finalizers"))
    cluster.delete(ref)
    _until(lambda: cluster.get(ref) is None)


def test_its_heartbeat_tells_what_it_sees(operator: int, api_server: Any) -> None:
    ref = Ref("coordination.k8s.io/v1", "Lease", "site-cloud", "xinglin")

    def sights() -> dict[str, Any]:
        lease = api_server.cluster().get(ref) or {"metadata": {}}
        text = lease["metadata"].get("annotations", {}).get("xinglin.dev/seen", "{}")
        found: dict[str, Any] = json.loads(text)
        return found

    seen = _until(sights)
    assert {"site/campus-x86", "site/campus-arm", "host/cloud-db-1"} <= set(seen)
    assert not seen["site/campus-x86"][0]
    assert operator


def test_one_observer_alone_begins_nothing(operator: int, api_server: Any) -> None:
    time.sleep(4)
    actions = api_server.cluster().items(API, "RecoveryAction")
    assert [a for a in actions if a["spec"]["requestedBy"].startswith("operator/cloud")] == []
    assert operator
