"""The third gate: the program over TLS, and a real API server that asks it, or cannot."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import time
from typing import Any

import httpx
import pytest
from third_gate import (
    GOOD_DEPLOYMENT,
    GOOD_POD,
    OPEN,
    PROTECTED,
    Api,
    Program,
    eventually,
    good_pod,
    privileged_pod,
)

from policies.admission import LARGEST, Certificate
from policies.cel import admission_policies
from policies.review import SIGNER, WAIVERS
from policies.webhook import CONTROLLERS, HOUSEKEEPERS, configuration

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
lab = pytest.mark.lab
VIEWERS = "system:public-info-viewer"  # the API server's own; it names `system:unauthenticated`

Object = dict[str, Any]


def bound(name: str, *groups: str) -> Object:
    """The role `view` for the whole cluster, given to groups."""
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": group, "kind": "Group", "name": each} for each in groups],
    }


def debugged(**context: Any) -> Object:
    """What adds a shell to a pod, with this beside the lab's security context."""
    (container,) = GOOD_POD["spec"]["containers"]
    security = container["securityContext"] | context
    shell = {"name": "shell", "image": container["image"], "securityContext": security}
    return {"spec": {"ephemeralContainers": [shell]}}


def review(item: Object) -> Object:
    request = {
        "uid": "1",
        "kind": {"group": "", "version": "v1", "kind": item["kind"]},
        "name": item["metadata"]["name"],
        "operation": "CREATE",
        "userInfo": {"username": "sre"},
        "object": item,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def shown(program: Program) -> bytes:
    """The certificate that a new connection sees, DER."""
    context = ssl.create_default_context(cafile=str(program.access / "ca.crt"))
    with (
        socket.create_connection(("127.0.0.1", program.port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as connection,
    ):
        return connection.getpeercert(binary_form=True) or b""


def on_disk(program: Program) -> bytes:
    return ssl.PEM_cert_to_DER_cert((program.access / "tls.crt").read_text(encoding="ascii"))


def test_a_review_is_answered_over_tls(program: Program) -> None:
    program.start()
    with program.client(certificate=False) as client:
        good = client.post("/validate", json=review(good_pod("x"))).json()["response"]
        bad = client.post("/validate", json=review(privileged_pod("x"))).json()["response"]
    assert (good["uid"], good["allowed"]) == ("1", True)
    assert (bad["allowed"], bad["status"]["code"]) == (False, 403)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"kind": "Pod"}'])
def test_what_is_no_review_is_a_bad_request_with_a_reason(program: Program, body: bytes) -> None:
    program.start()
    with program.client() as client:
        answer = client.post("/validate", content=body)
        assert (answer.status_code, bool(answer.text)) == (400, True)
        assert client.get("/healthz").text == "ok"


def test_a_body_of_more_than_three_mebibytes_is_too_large(program: Program) -> None:
    program.start()
    with program.client() as client:
        assert client.post("/validate", content=b"x" * (LARGEST + 1)).status_code == 413
        assert client.post("/validate", content=b" " * (LARGEST - 1)).status_code == 400


def test_the_log_names_object_and_rules_and_nothing_that_is_in_it(program: Program) -> None:
    program.start()
    pod = privileged_pod("x\nforged line")
    pod["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": "TOPSECRET"}]
    with program.client() as client:
        assert client.post("/validate", json=review(pod)).json()["response"]["allowed"] is False
        client.post("/validate", content=b'{"kind": "TOPSECRET", "apiVersion": "TOPSECRET"}')
        client.post("/validate", content=b"TOPSECRET")
    program.stop()
    log = program.log.read_text(encoding="utf-8")
    assert "'no_privileged_container'" in log
    assert "'sre'" in log
    assert "TOPSECRET" not in log
    assert not [line for line in log.splitlines() if line.startswith("forged")]


def test_a_client_without_a_certificate_is_turned_away_if_one_is_demanded(program: Program) -> None:
    authority = (program.access / "ca.crt").read_bytes()
    (program.access / "apiserver_ca.crt").write_bytes(authority)
    program.start()
    with program.client() as client:
        assert client.get("/healthz").status_code == httpx.codes.OK
    with program.client(certificate=False) as client, pytest.raises(httpx.TransportError):
        client.get("/healthz")


def test_no_tls_before_1_2_is_spoken(program: Program) -> None:
    assert Certificate(program.access).context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_renewed_certificate_is_shown_once_both_of_its_files_are_there(
    program: Program, authority: Any
) -> None:
    program.start()
    before = shown(program)
    assert before == on_disk(program)
    new = authority.issue("new")
    (program.access / "tls.crt").write_bytes((new / "tls.crt").read_bytes())
    time.sleep(2.5)  # two looks at the disk
    assert shown(program) == before
    (program.access / "tls.key").write_bytes((new / "tls.key").read_bytes())
    eventually(lambda: shown(program) == on_disk(program))
    assert shown(program) != before


def test_it_ends_in_order_when_it_is_told_to(program: Program) -> None:
    program.start()
    with program.client() as client:
        client.get("/healthz")  # a connection that is kept open must not hold it up
        assert program.process is not None
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(timeout=10) == 0


@lab
def test_a_privileged_pod_is_refused_with_every_word_and_a_good_one_comes_in(
    api: Api, gate: Program
) -> None:
    refused = api.create(privileged_pod(api.name()))
    assert refused.status_code == 403
    message = refused.json()["message"]
    assert "protected.policies.xinglin.dev" in message
    for part in ("为特权容器", "is privileged", "整改：", "Remedy: ", "8.1.4.4 a"):
        assert part in message
    pod = good_pod(api.name())
    assert api.create(pod, dry_run=False).status_code == 201
    assert api.delete(pod).is_success


@lab
def test_what_only_advises_comes_in_with_a_warning_that_a_client_sees(
    api: Api, gate: Program
) -> None:
    pod = api.make(good_pod(api.name()))
    changed = api.patch(pod, debugged(), sub="ephemeralcontainers")
    assert changed.is_success, changed.text
    assert "no_debug_container_left" in changed.headers["Warning"]
    api.delete(pod)


@lab
def test_a_privileged_container_cannot_be_added_to_a_living_pod(api: Api, gate: Program) -> None:
    pod = api.make(good_pod(api.name()))
    change = debugged(privileged=True, allowPrivilegeEscalation=True)
    refused = api.patch(pod, change, sub="ephemeralcontainers")
    assert (refused.status_code, "no_privileged_container" in refused.text) == (403, True)
    api.delete(pod)


@lab
def test_without_the_webhook_nothing_enters_a_workloads_namespace_and_all_else_goes_on(
    api: Api, gate: Program
) -> None:
    gate.stop()
    assert "failed calling webhook" in api.create(good_pod(api.name())).text
    assert api.create(privileged_pod(api.name(), OPEN)).is_success
    assert api.create(bound(api.name(), "auditors")).is_success


@lab
def test_without_the_webhook_everything_can_still_be_deleted(api: Api, gate: Program) -> None:
    plain, held = good_pod(api.name()), good_pod(api.name())
    held["metadata"]["finalizers"] = ["xinglin.dev/test"]
    for pod in (plain, held):
        api.make(pod)
    gate.stop()
    for pod in (plain, held):
        assert api.delete(pod).is_success
    assert api.get(plain).status_code == 404
    assert api.patch(held, {"metadata": {"finalizers": None}}).is_success
    assert api.get(held).status_code == 404


@lab
def test_what_is_being_deleted_takes_on_nothing_new(api: Api, gate: Program) -> None:
    binding = bound(api.name(), "auditors")
    binding["metadata"]["finalizers"] = ["xinglin.dev/test"]
    api.make(binding)
    assert api.delete(binding).is_success
    nobodys = bound(api.name(), "system:unauthenticated")["subjects"]
    refused = api.patch(binding, {"subjects": nobodys})
    assert (refused.status_code, "binding_not_anonymous" in refused.text) == (403, True)
    assert api.patch(binding, {"metadata": {"finalizers": None}}).is_success
    assert api.get(binding).status_code == 404


@lab
def test_without_the_webhook_a_recovery_scales_up(api: Api, gate: Program) -> None:
    deployment = api.make(GOOD_DEPLOYMENT)
    with api.controllers("deployment-controller", "replicaset-controller"):
        eventually(lambda: len(api.pods_of(deployment)) == 1)
        gate.stop()
        scaled = api.patch(deployment, {"spec": {"replicas": 3}}, sub="scale")
        assert scaled.is_success, scaled.text
        eventually(lambda: len(api.pods_of(deployment)) == 3)
    api.delete(deployment)


@lab
def test_without_the_webhook_nobody_but_the_clusters_controllers_makes_pods(
    api: Api, gate: Program
) -> None:
    gate.stop()
    for user in (*CONTROLLERS, *HOUSEKEEPERS):
        assert api.create(good_pod(api.name()), user=user).is_success
    for user in ("somebody", f"system:serviceaccount:{OPEN}:replicaset-controller"):
        assert not api.create(good_pod(api.name()), user=user).is_success


@lab
def test_without_the_webhook_its_configuration_can_be_deleted_and_then_all_is_open(
    api: Api, gate: Program
) -> None:
    gate.stop()
    asks = configuration(gate.url, (gate.access / "ca.crt").read_text(encoding="utf-8"))
    assert api.delete(asks).is_success
    eventually(lambda: api.create(good_pod(api.name())).is_success)


@lab
def test_calls_go_on_when_the_certificate_is_renewed(api: Api, gate: Program) -> None:
    before = shown(gate)
    api.server.authority.issue("admission")
    eventually(lambda: shown(gate) == on_disk(gate) != before)
    assert api.create(good_pod(api.name())).is_success
    gate.stop()
    gate.start()  # every connection is new now
    eventually(lambda: "no_privileged_container" in api.refusal(PROTECTED))


@lab
def test_a_policy_refuses_while_there_is_no_webhook_at_all(api: Api) -> None:
    assert api.refusal(PROTECTED) == ""
    made = [api.make(item) for item in admission_policies()]
    try:
        eventually(lambda: "ValidatingAdmissionPolicy" in api.refusal(PROTECTED))
        assert "no_privileg" in api.refusal(PROTECTED)
        assert api.create(good_pod(api.name())).is_success
        assert api.refusal(OPEN) == ""
        refused = api.create(bound(api.name(), "system:unauthenticated"))
        assert (refused.status_code, "binding_not_anonymous" in refused.text) == (403, True)
    finally:
        for item in made:
            assert api.delete(item).is_success


@lab
def test_a_waiver_holds_at_webhook_and_policy_if_the_declaration_brings_it(
    api: Api, gate: Program
) -> None:
    waived = privileged_pod(api.name())
    words = {"reason": "迁移中", "owner": "王主任", "until": "2999-12-31", "control": "独立网段"}
    rules = ("no_privileged_container", "no_privilege_escalation")
    signed = json.dumps([{"rule": rule, **words} for rule in rules], ensure_ascii=False)
    waived["metadata"]["annotations"] = {WAIVERS: signed}
    made = [api.make(item) for item in admission_policies()]
    try:
        eventually(lambda: "ValidatingAdmissionPolicy" in api.refusal(PROTECTED))
        assert "ValidatingAdmissionPolicy" in api.create(waived, user="sre").text
        taken = api.create(waived, user=SIGNER)
        assert taken.is_success, taken.text
        assert "no_privileged_container: waived until 2999-12-31" in taken.headers["Warning"]
    finally:
        for item in made:
            api.delete(item)


@lab
@pytest.mark.slow
def test_an_api_server_that_starts_puts_its_own_bindings_back(api: Api, gate: Program) -> None:
    made = [api.make(item) for item in admission_policies()]
    asks = configuration(gate.url, (gate.access / "ca.crt").read_text(encoding="utf-8"))
    nobodys, viewers = bound(api.name(), "system:unauthenticated"), bound(VIEWERS)
    try:
        eventually(lambda: "ValidatingAdmissionPolicy" in api.create(nobodys).text)
        assert api.delete(viewers).is_success
        api.server.kill()
        api.server.start()
        subjects = {one["name"] for one in api.get(viewers).json()["subjects"]}
        assert "system:unauthenticated" in subjects
        assert api.get(asks).is_success
        eventually(lambda: "ValidatingAdmissionPolicy" in api.create(nobodys).text)
    finally:
        for item in made:
            api.delete(item)
