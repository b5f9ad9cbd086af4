"""Patients' data on the running lab: who comes to them, found out by trying each identity.

The counter and the operators (a rehearsal calls as clients do) do; the auditor, the SRE and Pulumi
do not, neither through the edge, nor past it, nor at the database; nor does the auditor in a
bucket, where copies of evidence are all that he reads.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest

from hospital.errors import RefusedError
from hospital.estate import Estate
from hospital.inventory import inventory
from lab import engine, root
from lab.access import CLIENTS, OPERATORS, operator
from lab.health import Desk
from lab.pki import Authority
from lab.places import Places
from providers.access import Access
from providers.ansible import AnsibleHands
from providers.application_hosts import HostWorkloads
from providers.aws import Cloud

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

DEPLOY = ("haproxy_deploy.yml", "postgresql_deploy.yml", "application_deploy.yml")
WHAT = "lis"  # it runs on hosts at home, so that it runs here without a Pulumi
PATIENCE = 60.0  # seconds
NODE_PORT = 31999  # of no workload
WHO = "auditor"


@pytest.fixture(scope="module")
def running(
    lab: Places, estate: Estate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The edges and databases are there, and one workload runs on its hosts."""
    evidence = tmp_path_factory.mktemp("evidence")
    deployer = AnsibleHands(Access(lab.access(engine.IDENTITY)), evidence=evidence)
    workload = estate.workload(WHAT)
    with Desk(lab) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XINGLIN_PROGRAMS", engine.environment(lab)["XINGLIN_PROGRAMS"])
        for playbook in DEPLOY:
            desk.ask(lambda _, name=playbook: bool(deployer.run(name, inventory=inventory(estate))))  # type: ignore[misc]
        with closing(HostWorkloads(estate, Access(lab.access(operator("cloud"))))) as hands:
            place = partial(hands.scale, workload, site=workload.home)
            desk.ask(lambda _: place(replicas=2) is None)  # type: ignore[func-returns-value]
            yield
            desk.ask(lambda _: place(replicas=0) is None)  # type: ignore[func-returns-value]


def status(estate: Estate, tls: ssl.SSLContext) -> int:
    """What the edge of the workload's home answers to one who asks for its records."""
    host = estate.host_name(WHAT)
    address = estate.site(estate.workload(WHAT).home).endpoints.ingress
    with httpx.Client(verify=tls, trust_env=False, timeout=5) as client:
        answer = client.get(
            f"https://{address}/records?after=0",
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )
    return answer.status_code


def asked(desk: Desk, question: Callable[[], int]) -> int:
    said: list[int] = []
    desk.ask(lambda _: not said.append(question()))  # type: ignore[func-returns-value]
    return said[0] if said else 0


@pytest.mark.usefixtures("running")
def test_the_edge_shows_records_to_clients_and_operators_and_to_nobody_else(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    counter = Access(lab.access("counter")).tls()
    deadline = time.monotonic() + PATIENCE
    while asked(desk, lambda: status(estate, counter)) != httpx.codes.OK:
        assert time.monotonic() < deadline, "the workload never answered its own clients"
        time.sleep(0.5)
    assert set(estate.clients) == {CLIENTS, OPERATORS}
    admitted = set()
    for identity in sorted(path.name for path in lab.access("").iterdir()):
        tls = Access(lab.access(identity)).tls()
        answer = asked(desk, lambda tls=tls: status(estate, tls))  # type: ignore[misc]
        assert answer in {httpx.codes.OK, httpx.codes.FORBIDDEN}, identity
        admitted |= {identity} if answer == httpx.codes.OK else set()
    assert admitted == {"counter", *(operator(site.name) for site in estate.sites)}


@pytest.mark.usefixtures("running")
def test_the_edge_shows_nothing_without_a_certificate_or_with_one_that_says_the_same(
    lab: Places, desk: Desk, estate: Estate, tmp_path: Path
) -> None:
    nobody = ssl.create_default_context(cafile=str(lab.access(WHO) / "ca.crt"))
    assert asked(desk, lambda: status(estate, nobody)) == httpx.codes.FORBIDDEN
    Authority.create("xinglin-lab").issue("counter", organizations=(CLIENTS,)).write(tmp_path)
    forged = ssl.create_default_context(cafile=str(lab.access(WHO) / "ca.crt"))
    forged.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    assert asked(desk, lambda: status(estate, forged)) == 0, "the handshake itself must fail"


def fetched(command: tuple[str, ...]) -> int:
    """Exit code of curl: 0 answered, 7 refused."""
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode


@pytest.mark.usefixtures("running")
def test_a_workload_on_a_host_is_reached_through_the_edge_only(lab: Places, estate: Estate) -> None:
    workload = estate.workload(WHAT)
    for host in map(estate.host, workload.hosts):
        url = f"http://{host.address}:{workload.node_port}/records?after=0"
        curl = ("curl", "-fs", "-m", "5", "-o", "/dev/null", url)
        assert fetched(root.inside(f"{host.site}-edge-1", curl, lab)) == 0
        assert fetched(root.at_desk(curl, lab)) == 7
        assert fetched(root.inside(f"{host.site}-db-1", curl, lab)) == 7


def test_node_ports_are_reached_through_the_edge_only(lab: Places, estate: Estate) -> None:
    for site in estate.sites:
        node = site.endpoints.kubernetes.partition("//")[2].partition(":")[0]
        words = ("/usr/bin/python3", "-m", "http.server", str(NODE_PORT), "--bind", node)
        server = subprocess.Popen(
            root.inside(site.name, words, lab), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            curl = ("curl", "-fs", "-m", "5", "-o", "/dev/null", f"http://{node}:{NODE_PORT}/")
            patient = (*curl, "--retry", "20", "--retry-connrefused", "--retry-delay", "1")
            assert fetched(root.inside(f"{site.name}-edge-1", patient, lab)) == 0, site.name
            assert fetched(root.at_desk(curl, lab)) == 7, site.name
            assert fetched(root.inside(f"{site.name}-db-1", curl, lab)) == 7, site.name
        finally:
            server.kill()
            server.wait()


@pytest.mark.usefixtures("running")
def test_the_databases_do_not_know_the_auditor(lab: Places, desk: Desk, estate: Estate) -> None:
    known = json.loads((lab.access(engine.IDENTITY) / "database.json").read_text("utf-8"))
    own = known["workloads"][WHAT]
    accounts = {known[role]["user"] for role in ("superuser", "replication", "patroni")}
    access = lab.access(WHO)
    edge = estate.site(estate.workload(WHAT).home).endpoints.ingress
    database = estate.database(estate.workload(WHAT).database)
    doors = [(edge, database.edge_port)]
    doors += [(estate.host(member).address, 5432) for member in database.members]

    def opens(address: str, port: int, user: str, password: str) -> bool:
        try:
            psycopg.connect(
                host=address, port=port, user=user, password=password, dbname=WHAT,
                passfile="/dev/null", connect_timeout=5, sslmode="verify-ca",
                sslrootcert=str(access / "ca.crt"), sslcert=str(access / "tls.crt"),
                sslkey=str(access / "tls.key"),
            ).close()  # fmt: skip
        except psycopg.OperationalError as error:
            refusals = ("authentication failed", "pg_hba.conf")
            return not any(words in str(error) for words in refusals)
        return True

    def tried(_: httpx.Client) -> bool:
        assert opens(edge, database.edge_port, own["user"], own["password"])
        return not any(
            opens(address, port, user, WHO)
            for address, port in doors
            for user in (*sorted(accounts), own["user"], WHO)
        )

    assert desk.ask(tried)


def test_the_bucket_shows_the_auditor_evidence_and_nothing_else(
    lab: Places, desk: Desk, estate: Estate, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger"
    shutil.copytree(lab.access(WHO), stranger)
    key = {"access_key": "AKIA0000000000000000", "secret_key": "nobody"}
    (stranger / "cloud.json").write_text(json.dumps(key))
    site = estate.site("cloud")
    bucket = estate.bucket(site.name)
    record, study = "evidence/evidence-000000.json", "images/1.2.840.dcm"

    def of(identity: str) -> Cloud:
        return Cloud(site.endpoints.cloud, site.region, Access(lab.access(identity)))

    def tried(_: httpx.Client) -> bool:
        owner, auditor, writer = of(engine.IDENTITY), of(WHO), of(operator(site.name))
        owner.ensure_bucket(bucket)
        for key in (record, study):
            owner.put(bucket, key, b"{}")
        assert auditor.read(bucket, record) == b"{}"
        writer.put(bucket, record, b"{}")
        refused: tuple[Callable[[], object], ...] = (
            lambda: auditor.read(bucket, study),
            lambda: auditor.put(bucket, record, b"[]"),
            lambda: auditor.delete_bucket(bucket),
            lambda: auditor.ensure_bucket(f"{bucket}-own"),
            lambda: writer.read(bucket, study),
            lambda: writer.put(bucket, study, b""),
            lambda: writer.network("lab-cloud"),
        )
        for attempt in refused:
            with pytest.raises(RefusedError, match=r"AccessDenied|Forbidden|not authorized"):
                attempt()
        with pytest.raises(RefusedError, match="ListHostedZonesByName"):  # moto says no more
            auditor.ensure_record(estate.domain, "his", address="10.9.9.9")
        with pytest.raises(RefusedError, match="InvalidAccessKeyId"):
            Cloud(site.endpoints.cloud, site.region, Access(stranger)).read(bucket, record)
        return True

    assert desk.ask(tried)
