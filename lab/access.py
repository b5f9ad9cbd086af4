"""Who may do what in the lab: one access directory per identity, made at the lab's start.

``docs/architecture.md`` says what the files are. An identity gets only what its work
needs; what it may do with its certificate is in ``rbac``. Nothing here may be copied
to a host or a pod, except that host's own key and certificate.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hospital.estate import Estate, Host, HostRole, Site
from lab.network import SiteNetwork
from lab.pki import (
    Authority,
    Pair,
    evidence_key,
    evidence_public,
    evidence_public_pem,
    ssh_pair,
    write_private,
)
from lab.places import Places
from providers import sm2
from providers.seal import AUDIT_KEYS, SM2_KEY

OPERATORS = "xinglin:operators"  # the organisation that RBAC grants operators' rights to
CLIENTS = "hospital:counter"  # the organisation that edges admit, as the estate declares
CLOUD = "cloud.json"  # each identity has a user of its own in the cloud's account
ADMIN = "lab-admin"  # sets up RBAC and kinds while the lab starts; nobody works as it


@dataclass(frozen=True, slots=True)
class HostKeys:
    """What proves that a host is that host."""

    ssh_private: bytes
    ssh_public: str
    certificate: Pair


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything secret that the lab's machines are made with."""

    authority: Authority
    store: Authority  # whose certificates the stores (etcd) accept; others have no business there
    hosts: dict[str, HostKeys]  # by host id
    root_keys: tuple[str, ...]  # public keys that may log in as root: playbooks
    recovery_keys: tuple[str, ...]  # public keys for the forced command of recovery
    tsig: dict[str, str]
    bmc: dict[str, str]
    cloud: dict[str, dict[str, str]]  # identity → its key in the cloud's account

    @property
    def trusted(self) -> bytes:
        """What everybody's ``ca.crt`` holds: both authorities."""
        return self.authority.certificate + self.store.certificate


def gate(site: str) -> str:
    """The identity of a site's admission server."""
    return f"admission-{site}"


def operator(site: str) -> str:
    """The identity of a site's operator."""
    return f"operator-{site}"


def issue(estate: Estate, places: Places) -> Credentials:
    """Make the authority and every identity's directory; returns what machines need."""
    authority, store = Authority.create("xinglin-lab"), Authority.create("xinglin-store")
    trusted = authority.certificate + store.certificate
    hosts = {
        host.id: _host_keys(_issuer(host, authority, store), estate, host)
        for site in estate.sites
        for host in site.hosts
    }
    tsig = {
        "name": "xinglin-recovery",
        "algorithm": "hmac-sha256",
        "secret": _base64_secret(),
    }
    bmc = {"user": "recovery", "password": secrets.token_hex(8)}
    documents: dict[str, object] = {
        "tsig.json": tsig,
        "bmc.json": bmc,
        "etcd.json": {"certificate": "tls.crt", "key": "tls.key"},
        "database.json": _database(estate),
    }
    known = "".join(_known_host(host, hosts) for host in _hosts(estate))
    directory = _Directories(authority, trusted, places, documents, known)
    root = directory.make("pulumi", documents=(*documents, CLOUD), ssh=True)
    recovery = [
        directory.make(
            operator(site.name),
            organizations=(OPERATORS,),
            documents=("tsig.json", "bmc.json", "etcd.json", "database.json", CLOUD),
            ssh=True,
            evidence=True,
            issuer=store,
        )
        for site in estate.sites
    ]
    for site in estate.sites:
        address = urlsplit(site.endpoints.kubernetes).hostname or ""
        directory.make(gate(site.name), names=(address,))
    directory.make("sre", evidence=True)
    directory.make("auditor", documents=(CLOUD,), evidence=True)
    write_private(places.access("auditor") / SM2_KEY, sm2.generate())
    directory.make("counter", organizations=(CLIENTS,))
    directory.make(ADMIN, organizations=("system:masters",), issuer=store)
    _tell_signers(places)
    _tell_auditor(places)
    keys = "".join(f"{key}\n" for key in recovery)
    write_private(places.access("pulumi") / "recovery_keys.pub", keys.encode(), mode=0o644)
    return Credentials(
        authority, store, hosts, (root,), tuple(recovery), tsig, bmc, directory.cloud
    )


@dataclass(frozen=True, slots=True)
class _Directories:
    authority: Authority
    trusted: bytes
    places: Places
    documents: Mapping[str, object]
    known_hosts: str
    cloud: dict[str, dict[str, str]] = field(default_factory=dict)

    def make(
        self,
        identity: str,
        *,
        organizations: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        documents: Iterable[str] = (),
        ssh: bool = False,
        evidence: bool = False,
        issuer: Authority | None = None,
    ) -> str:
        """One access directory; returns the public SSH key, or nothing."""
        directory = self.places.access(identity)
        directory.mkdir(parents=True, mode=0o700)
        write_private(directory / "ca.crt", self.trusted, mode=0o644)
        certificate = (issuer or self.authority).issue(
            identity, organizations=organizations, names=names
        )
        certificate.write(directory)
        for name in documents:
            content = self._cloud_key(identity) if name == CLOUD else self.documents[name]
            write_private(directory / name, json.dumps(content, indent=1).encode())
        if evidence:
            write_private(directory / "evidence.key", evidence_key())
        if not ssh:
            return ""
        private, public = ssh_pair(identity)
        write_private(directory / "ssh_key", private)
        write_private(directory / "ssh_key.pub", f"{public}\n".encode(), mode=0o644)
        write_private(directory / "known_hosts", self.known_hosts.encode(), mode=0o644)
        return public

    def _cloud_key(self, identity: str) -> dict[str, str]:
        key = f"AKIA{secrets.token_hex(8).upper()}"
        return self.cloud.setdefault(
            identity, {"access_key": key, "secret_key": secrets.token_urlsafe(30)}
        )


def _tell_signers(places: Places) -> None:
    """Whose signatures on evidence count, for those who read it (``providers/evidence.py``)."""
    signers = {
        key.parent.name: evidence_public(key.read_bytes())
        for key in sorted(places.access("").glob("*/evidence.key"))
        if key.parent.name.startswith(operator(""))
    }
    content = json.dumps(signers, indent=1).encode()
    for reader in ("sre", "auditor"):
        write_private(places.access(reader) / "evidence_keys.json", content, mode=0o644)


def _tell_auditor(places: Places) -> None:
    """Whose seals of audits count, in the form that OpenSSL reads (``providers/seal.py``)."""
    auditor = places.access("auditor")
    keys = {
        "auditor.ed25519.pem": evidence_public_pem((auditor / "evidence.key").read_bytes()),
        "auditor.sm2.pem": sm2.public((auditor / SM2_KEY).read_bytes()),
    }
    for reader in ("sre", "auditor"):
        for name, content in keys.items():
            write_private(places.access(reader) / AUDIT_KEYS / name, content, mode=0o644)


def server_names(site: Site, network: SiteNetwork) -> tuple[str, ...]:
    """Every name and address at which the site's own servers are called."""
    kubernetes = ("kubernetes", "kubernetes.default", "kubernetes.default.svc")
    addresses = (network.address, network.router, network.api_service, "127.0.0.1")
    return (*addresses, "localhost", *kubernetes, "kubernetes.default.svc.cluster.local", site.name)


def _issuer(host: Host, authority: Authority, store: Authority) -> Authority:
    """Database hosts are clients of the store: Patroni keeps its leader key there."""
    return store if HostRole.DATABASE in host.roles else authority


def _host_keys(authority: Authority, estate: Estate, host: Host) -> HostKeys:
    private, public = ssh_pair(host.id)
    databases = tuple(one.name for one in estate.databases)
    names = (host.address, "127.0.0.1", "localhost", host.id, *databases, f"*.{estate.domain}")
    return HostKeys(private, public, authority.issue(host.id, names=names))


def _hosts(estate: Estate) -> tuple[Host, ...]:
    return tuple(host for site in estate.sites for host in site.hosts)


def _known_host(host: Host, keys: dict[str, HostKeys]) -> str:
    line = keys[host.id].ssh_public.rsplit(" ", 1)[0]
    return f"{host.address},{host.id} {line}\n"


def _database(estate: Estate) -> dict[str, object]:
    accounts = {
        role: {"user": user, "password": _password()}
        for role, user in (
            ("superuser", "postgres"),
            ("replication", "replicator"),
            ("rewind", "rewinder"),
            ("patroni", "patroni"),
            ("migration", "xinglin_migration"),
        )
    }
    workloads = {
        one.name: {"user": one.account, "password": _password()}
        for one in (*estate.workloads, *estate.rehearsals)
        if one.database
    }
    return {**accounts, "workloads": workloads}


def _password() -> str:
    # Letters alone, which one random text in 150 is, would be refused by `passwordcheck`.
    return f"{secrets.token_urlsafe(18)}-{secrets.randbelow(10)}"


def _base64_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
