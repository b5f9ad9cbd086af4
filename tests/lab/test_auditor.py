"""What the auditor may and may not, found out by trying it with the auditor's own credentials.

Every resource that the API servers themselves list is tried with every verb, so a right that
somebody adds, in our roles or in Kubernetes' own, is noticed here.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import dns.query
import dns.rcode
import dns.update
import httpx
import pytest

from console import clusters
from hospital.codec import hub_objects
from hospital.estate import Estate
from lab import rbac, root
from lab.access import ADMIN
from lab.health import Desk
from lab.network import API_PORT
from lab.pki import ssh_pair
from lab.places import CHECKOUT, Places
from policies import day
from policies.intake import from_object
from policies.judgement import judge
from policies.nouns import from_clusters
from policies.rules import all_rules
from providers.access import Access
from providers.kubernetes import PULUMI, Cluster, Ref

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

WHO = "auditor"
SURVEYED = CHECKOUT / "tests" / "policies" / "surveys" / "clusters.json"
NOBODY = "nobody"  # a name that no object has: what were allowed would find nothing
METHODS = {
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
    "get": "GET",
    "list": "GET",
    "watch": "GET",
}
ON_A_NAME = frozenset({"update", "patch", "delete", "get"})
ABOUT_ONESELF = {  # what Kubernetes lets everybody ask who has a name; it answers about the asker
    ("authorization.k8s.io", "selfsubjectaccessreviews", "create"),
    ("authorization.k8s.io", "selfsubjectrulesreviews", "create"),
    ("authentication.k8s.io", "selfsubjectreviews", "create"),
}
NEVER = {"secrets", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/log",
         "services/proxy", "nodes/proxy", "serviceaccounts/token", "pods/eviction",
         "pods/ephemeralcontainers"}  # fmt: skip

Right = tuple[str, str, str]  # group, resource, verb


@dataclass(frozen=True)
class Served:
    """A resource as an API server lists it."""

    base: str  # "/api/v1", "/apis/apps/v1"
    group: str
    resource: str  # "pods", "pods/exec"
    namespaced: bool
    verbs: tuple[str, ...]

    def path(self, verb: str) -> str:
        kind, _, part = self.resource.partition("/")
        place = f"{self.base}/namespaces/default" if self.namespaced else self.base
        named = bool(part) or verb in ON_A_NAME
        return "/".join([place, kind, *([NOBODY] if named else []), *([part] if part else [])])


@pytest.fixture
def auditor(lab: Places) -> Iterator[httpx.Client]:
    with httpx.Client(verify=Access(lab.access(WHO)).tls(), trust_env=False, timeout=10) as client:
        yield client


def planes(estate: Estate) -> dict[str, str]:
    ends = {"site": "kubernetes", "hub": "hub"}
    return {
        f"{kind}@{site.name}": getattr(site.endpoints, field)
        for site in estate.sites
        for kind, field in ends.items()
    }


def served(client: httpx.Client, url: str) -> list[Served]:
    groups = client.get(f"{url}/apis").json()["groups"]
    bases = {"/api/v1": ""}
    bases |= {
        f"/apis/{version['groupVersion']}": group["name"]
        for group in groups
        for version in group["versions"]
    }
    return [
        Served(base, group, one["name"], one["namespaced"], tuple(one["verbs"]))
        for base, group in bases.items()
        for one in client.get(url + base).json()["resources"]
    ]


def granted() -> set[Right]:
    (role,) = (
        item
        for item in rbac.site_objects()
        if item["kind"] == "ClusterRole" and item["metadata"]["name"] == f"xinglin:{WHO}"
    )
    rights = {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule.get("apiGroups", ())
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    return rights | ABOUT_ONESELF


def attempt(client: httpx.Client, url: str, one: Served, verb: str) -> int:
    query = {"dryRun": "All"} if METHODS[verb] != "GET" else {}
    if verb == "watch":
        query = {"watch": "true", "timeoutSeconds": "1"}
    content = "application/merge-patch+json" if verb == "patch" else "application/json"
    answer = client.request(
        METHODS[verb],
        url + one.path(verb),
        params=query,
        headers={"Content-Type": content},
        content=b"{}" if METHODS[verb] != "GET" else b"",
    )
    return answer.status_code


def test_nothing_but_what_its_role_names_is_open_to_the_auditor(
    desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    may, tried = granted(), set()
    wrong: list[str] = []

    def try_all(_: httpx.Client) -> bool:
        for name, url in planes(estate).items():
            for one in served(auditor, url):
                for verb in sorted({*one.verbs} & METHODS.keys()):
                    right = (one.group, one.resource, verb)
                    if verb == "watch" and right in may:
                        continue  # it would wait; the list has shown the right
                    refused = attempt(auditor, url, one, verb) == httpx.codes.FORBIDDEN
                    tried.add(one.resource)
                    if refused is (right in may):
                        wrong.append(f"{name} {right} {'refused' if refused else 'allowed'}")
        return True

    assert desk.ask(try_all)
    assert wrong == []
    assert tried >= NEVER
    assert not {resource for _, resource, _ in may} & NEVER


def test_the_api_servers_say_the_same_of_the_auditors_rights(
    desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    said: set[Right] = set()
    urls: set[str] = set()

    def ask(_: httpx.Client) -> bool:
        for url in planes(estate).values():
            for space in ("default", "kube-system", rbac.NAMESPACE):
                answer = auditor.post(
                    f"{url}/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                    json={"spec": {"namespace": space}},
                ).json()["status"]
                assert not answer["incomplete"] or "Node" in answer.get("evaluationError", "node")
                for rule in answer["resourceRules"]:
                    said.update(
                        (group, resource, verb)
                        for group in rule["apiGroups"]
                        for resource in rule["resources"]
                        for verb in rule["verbs"]
                    )
                urls.update(
                    each for rule in answer["nonResourceRules"] for each in rule["nonResourceURLs"]
                )
        return True

    assert desk.ask(ask)
    assert said == granted()
    assert {"/flagz", "/metrics", "/version"} <= urls
    assert not [url for url in urls if url in ("*", "/*") or url.startswith(("/logs", "/debug"))]


def test_the_auditor_cannot_be_somebody_else(
    desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    for url in planes(estate).values():
        for who in (
            {"Impersonate-User": "pulumi"},
            {"Impersonate-User": WHO, "Impersonate-Group": "system:masters"},
            {"Impersonate-User": "system:serviceaccount:kube-system:default"},
        ):

            def tried(_: httpx.Client, url: str = url, who: dict[str, str] = who) -> bool:
                answer = auditor.get(f"{url}/api/v1/namespaces", headers=who)
                return answer.status_code == httpx.codes.FORBIDDEN

            assert desk.ask(tried), (url, who)


def test_the_auditor_cannot_write_evidence_or_start_a_recovery(
    desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    url = estate.sites[0].endpoints.hub
    record = {"metadata": {"name": "evidence-999999"}, "data": {}}
    action = {
        "apiVersion": "xinglin.dev/v1alpha1",
        "kind": "RecoveryAction",
        "metadata": {"name": "auditors-own"},
        "spec": {},
    }

    def refused(_: httpx.Client) -> bool:
        answers = (
            auditor.post(f"{url}/api/v1/namespaces/{rbac.NAMESPACE}/configmaps", json=record),
            auditor.post(f"{url}/apis/xinglin.dev/v1alpha1/recoveryactions", json=action),
        )
        return {answer.status_code for answer in answers} == {httpx.codes.FORBIDDEN}

    assert desk.ask(refused)


def test_kubelets_and_stores_do_not_know_the_auditor(
    desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    for site in estate.sites:
        kubelet = site.endpoints.kubernetes.replace(f":{API_PORT}", ":10250")
        for path in ("/pods", "/configz", "/run/default/x/y", "/metrics", "/logs/"):

            def refuses(_: httpx.Client, url: str = kubelet + path) -> bool:
                return auditor.get(url).status_code == httpx.codes.FORBIDDEN

            assert desk.ask(refuses), kubelet + path

        def shut(_: httpx.Client, url: str = site.endpoints.etcd) -> bool:
            try:
                auditor.post(f"{url}/v3/kv/range", json={"key": "AA=="})
            except httpx.HTTPError as error:
                return "alert" in str(error) or isinstance(error.__context__, ssl.SSLError)
            return False

        assert desk.ask(shut), site.endpoints.etcd


def test_hosts_controllers_and_names_refuse_the_auditor(
    lab: Places, estate: Estate, tmp_path: Path
) -> None:
    private, _ = ssh_pair(WHO)
    key = tmp_path / "key"
    key.write_bytes(private)
    key.chmod(0o600)
    for host in (host for site in estate.sites for host in site.hosts):
        for user in ("root", "xinglin", WHO):
            said = run(lab, "ssh", "-i", str(key), "-o", "BatchMode=yes", "-F", "/dev/null",
                       "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                       f"{user}@{host.address}", "true")  # fmt: skip
            assert "Permission denied" in said.stderr, said
        assert host.bmc is not None
        address, port = host.bmc.address, str(host.bmc.port)
        said = run(lab, "ipmitool", "-I", "lanplus", "-C", "3", "-H", address, "-p", port,
                   "-U", WHO, "-P", WHO, "chassis", "power", "off")  # fmt: skip
        assert said.returncode != 0, said
        assert root.first_process(lab, host.id) is not None


def test_the_name_servers_take_no_update_without_the_key(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    assert not Access(lab.access(WHO)).holds("tsig.json")
    for site in estate.sites:
        update = dns.update.UpdateMessage(estate.domain)
        update.replace("his", 1, "A", "10.9.9.9")
        asked = partial(refuses, update, at=site.endpoints.dns)
        assert desk.ask(lambda _, asked=asked: asked()), site.name  # type: ignore[misc]


def refuses(update: dns.update.UpdateMessage, *, at: str) -> bool:
    address, _, port = at.partition(":")
    answer = dns.query.udp(update, address, timeout=3, port=int(port))
    return answer.rcode() in (dns.rcode.REFUSED, dns.rcode.NOTAUTH)


def run(lab: Places, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        root.at_desk(command, lab), capture_output=True, text=True, check=False, timeout=60
    )


def settled(flags: Mapping[str, str]) -> dict[str, list[str]]:
    """The flags with their lists in order: some of them are maps, printed in any order."""
    return {name: sorted(value.strip("[]").split(",")) for name, value in flags.items()}


def test_the_auditor_sees_all_of_every_control_plane_as_it_was_surveyed(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    seen: list[Any] = []

    def look(_: httpx.Client) -> bool:
        seen.extend(clusters.look(estate, Access(lab.access(WHO))))
        return True

    assert desk.ask(look)
    found, silent = seen
    assert silent == ()
    kept = {each["name"]: each for each in json.loads(SURVEYED.read_text("utf-8"))["clusters"]}
    assert {each.name for each in found} == kept.keys()
    for each in found:
        facts = kept[each.name]["facts"]
        assert each.facts.version == facts["version"]
        assert settled(each.facts.flags) == settled(facts["flags"])
        assert each.facts.alpha_features == tuple(facts["alphaFeatures"])
        assert [node.name for node in each.facts.nodes] == [one["name"] for one in facts["nodes"]]
        assert {part.state for part in each.facts.gate} <= {"as generated"}
    refused = [each.rule.id for each in judgement(from_clusters(found)) if each.refuses]
    assert refused == []


def test_the_rights_in_the_clusters_break_no_mandatory_rule(
    lab: Places, desk: Desk, estate: Estate, auditor: httpx.Client
) -> None:
    items: list[Any] = []

    def read(_: httpx.Client) -> bool:
        for name, url in planes(estate).items():
            for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"):
                base = f"{url}/apis/rbac.authorization.k8s.io/v1/{kind.lower()}s"
                for item in auditor.get(base).json()["items"]:
                    items.append(from_object({"kind": kind} | item, at=name))
        return True

    assert desk.ask(read)
    assert len(items) > 100 * len(planes(estate))
    refused = [(each.rule.id, each.resource.id) for each in judgement(items) if each.refuses]
    assert refused == []


def judgement(resources: Any) -> tuple[Any, ...]:
    return judge(all_rules(), tuple(resources), today=day.today()).findings


def test_the_auditor_has_no_more_files_than_it_needs(lab: Places) -> None:
    kept = {path.name for path in lab.access(WHO).iterdir()}
    reads = {"ca.crt", "tls.crt", "tls.key", "cloud.json", "evidence_keys.json"}
    seals = {"evidence.key", "sm2.key", "audit_keys"}
    assert kept == reads | seals
    assert ADMIN not in kept


@pytest.fixture
def declared(lab: Places, desk: Desk, estate: Estate) -> Iterator[None]:
    """The hub knows the sites, as after `pulumi up`; what it knows already is left alone."""
    sites = [
        {
            "apiVersion": "xinglin.dev/v1alpha1",
            "kind": one.kind,
            "metadata": {"name": one.name},
            "spec": one.spec,
        }
        for one in hub_objects(replace(estate, workloads=(), plans=()))
    ]
    hub = Cluster(estate.sites[0].endpoints.hub, Access(lab.access("pulumi")), read=5)
    made: list[dict[str, Any]] = []

    def make(_: httpx.Client) -> bool:
        made.extend(item for item in sites if hub.get(Ref.of(item)) is None)
        hub.apply(made, field_manager=PULUMI)
        return True

    assert desk.ask(make)
    yield
    desk.ask(lambda _: [hub.delete(Ref.of(item)) for item in made] != [])


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("command", [("audit", "--live"), ("evidence", "verify")])
def test_what_the_auditor_is_there_for_works(lab: Places, command: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "console.main", *command, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "XINGLIN_STATE": str(lab.state)}
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, env=environment, cwd=CHECKOUT
    )
    assert done.returncode in {0, 1}, done.stdout[-2000:] + done.stderr[-2000:]
    report = json.loads(done.stdout)
    if "verdict" in report:
        # On hosts that nothing was deployed on nobody answers; all the rest must.
        silent = {each.partition("@")[0] for each in report["source"]["unseen"]}
        assert silent <= {"database-db-1", "patroni-db-1", "ingress"}
        judged = {each["id"]: each for each in report["rules"]}
        assert len(judged["third_gate_in_place"]["judged"]) == 6
        assert judged["third_gate_in_place"]["findings"] == []
