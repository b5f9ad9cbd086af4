"""Kubernetes control planes: the site's own, and the hub's member at the site.

The site's plane is whole (store, API, controllers, scheduler) and needs nobody. The hub
is one etcd stretched over the sites with an API server at each that talks to the member
next to it only: listing the others would make requests hang for seconds on a cut link.
Nothing answers anonymously; every component has its own certificate and rights.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from lab.access import Credentials
from lab.network import (
    API_PORT,
    ETCD_CLIENT_PORT,
    ETCD_PEER_PORT,
    HUB_PORT,
    SITE_ETCD,
    SiteNetwork,
)
from lab.pki import signing_pair, write_private
from lab.places import Places
from lab.supervision import YIELDS, Program

PKI = "/etc/xinglin/pki"
LOCAL_API = f"127.0.0.1:{API_PORT}"
LOCAL_HUB = f"127.0.0.1:{HUB_PORT}"
LOGS = "/var/log/xinglin"
HUB_SERVICES = "10.255.0.0/24"  # nothing runs there; the API server wants a range
ISSUER = "https://kubernetes.default.svc"

HEARTBEAT_MS, ELECTION_MS = 50, 500  # the longest hub pause was 1.06 s when its leader died

SUITES = ",".join(  # of TLS 1.2, forward secret and authenticated; those of 1.3 cannot be chosen
    f"TLS_ECDHE_ECDSA_WITH_{name}"
    for name in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
)

AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        # Who opened a secret is told; what was in it never is.
        {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {
            "level": "None",
            "resources": [
                {"group": "coordination.k8s.io", "resources": ["leases"]},
                {"group": "", "resources": ["events"]},
            ],
        },
        {"level": "Metadata", "resources": [{"group": "", "resources": ["configmaps"]}]},
        {"level": "Metadata", "userGroups": ["system:nodes", "system:masters"]},
        {"level": "Request", "resources": [{"group": "xinglin.dev"}]},
        {"level": "Metadata"},
    ],
}


@dataclass(frozen=True, slots=True)
class Shared:
    """Keys that API servers over one store must share."""

    signing_private: bytes
    signing_public: bytes
    encryption: bytes  # EncryptionConfiguration

    @classmethod
    def create(cls) -> Shared:
        """New keys, for one cluster."""
        private, public = signing_pair()
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        keys = {"keys": [{"name": "lab", "secret": key}]}
        encryption = {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [
                {"resources": ["secrets"], "providers": [{"secretbox": keys}, {"identity": {}}]}
            ],
        }
        return cls(private, public, json.dumps(encryption).encode())

    def write(self, directory: Path) -> None:
        """As the files that the flags of ``_api_server`` name."""
        write_private(directory / "signing.key", self.signing_private)
        write_private(directory / "signing.pub", self.signing_public, mode=0o644)
        write_private(directory / "encryption.json", self.encryption)


def install(*, upper: Path, credentials: Credentials, names: tuple[str, ...], hub: Shared) -> None:
    """Write certificates, keys and client configurations of both planes onto the site's disk."""
    pki = upper / PKI.lstrip("/")
    authority = credentials.authority
    write_private(pki / "ca.crt", credentials.trusted, mode=0o644)
    write_private(pki / "store.crt", credentials.store.certificate, mode=0o644)
    authority.issue("xinglin-site", names=names).write(pki, "server")
    credentials.store.issue("kube-apiserver", names=names).write(pki, "etcd")
    authority.issue("kube-apiserver-kubelet-client").write(pki, "kubelet-client")
    for name, user in (
        ("controllers", "system:kube-controller-manager"),
        ("scheduler", "system:kube-scheduler"),
        ("proxy", "system:kube-proxy"),
        ("kwok", "kwok"),
    ):
        authority.issue(user).write(pki, name)
        kubeconfig(upper, name)
    Shared.create().write(pki / "site")
    hub.write(pki / "hub")
    write_private(pki / "audit.json", json.dumps(AUDIT_POLICY).encode(), mode=0o644)


def kubeconfig(upper: Path, name: str, *, server: str = f"https://127.0.0.1:{API_PORT}") -> None:
    """``<PKI>/<name>.conf``, a client configuration of the site's API for that certificate."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "site",
                "cluster": {"server": server, "certificate-authority": f"{PKI}/ca.crt"},
            }
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "client-certificate": f"{PKI}/{name}.crt",
                    "client-key": f"{PKI}/{name}.key",
                },
            }
        ],
        "contexts": [{"name": "site", "context": {"cluster": "site", "user": name}}],
        "current-context": "site",
    }
    path = upper / f"{PKI}/{name}.conf".lstrip("/")
    write_private(path, yaml.safe_dump(content).encode(), mode=0o600)


def site_programs(network: SiteNetwork, places: Places) -> tuple[Program, ...]:
    """The site's own control plane."""
    tools = places.tools
    return (
        Program("etcd", _etcd(network, places), priority=20, nice=YIELDS),
        Program("apiserver", _site_api(network, places), priority=30, nice=YIELDS),
        Program(
            "controllers",
            _controllers(network, places),
            priority=40,
            nice=YIELDS,
            after=LOCAL_API,
        ),
        Program(
            "scheduler",
            (
                f"{tools}/kube-scheduler",
                f"--kubeconfig={PKI}/scheduler.conf",
                "--leader-elect=false",
                "--secure-port=0",
            ),
            priority=40,
            nice=YIELDS,
            after=LOCAL_API,
        ),
    )


def hub_programs(
    network: SiteNetwork, everyone: Mapping[str, SiteNetwork], places: Places
) -> tuple[Program, ...]:
    """The hub's member and API server at this site."""
    return (
        Program("hub-etcd", _hub_etcd(network, everyone, places), priority=20),
        Program("hub-apiserver", _hub_api(network, places), priority=30),
    )


def _etcd_shared(name: str, data: str, places: Places) -> tuple[str, ...]:
    # A burning site is killed processes, never a kernel crash: what was written is kept
    # by the page cache, so waiting for the disk would only cost the two cores.
    return (
        f"{places.tools}/etcd",
        f"--name={name}",
        f"--data-dir={data}",
        "--unsafe-no-fsync",
        "--client-cert-auth",
        f"--trusted-ca-file={PKI}/store.crt",
        f"--cert-file={PKI}/etcd.crt",
        f"--key-file={PKI}/etcd.key",
        f"--cipher-suites={SUITES}",
        "--log-level=warn",
        "--auto-compaction-retention=1h",
    )


def _etcd(network: SiteNetwork, places: Places) -> tuple[str, ...]:
    peer = "https://127.0.0.1:12380"
    return (
        *_etcd_shared(network.name, "/var/lib/etcd", places),
        f"--listen-client-urls={SITE_ETCD}",
        f"--advertise-client-urls={SITE_ETCD}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={network.name}={peer}",
        *_etcd_peers(),
    )


def _hub_etcd(
    network: SiteNetwork, everyone: Mapping[str, SiteNetwork], places: Places
) -> tuple[str, ...]:
    client = f"https://{network.address}:{ETCD_CLIENT_PORT}"
    peer = f"https://{network.address}:{ETCD_PEER_PORT}"
    members = ",".join(
        f"{one.name}=https://{one.address}:{ETCD_PEER_PORT}" for one in everyone.values()
    )
    return (
        *_etcd_shared(network.name, "/var/lib/hub", places),
        f"--listen-client-urls={client},https://127.0.0.1:{ETCD_CLIENT_PORT}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={members}",
        "--initial-cluster-token=xinglin-hub",
        f"--heartbeat-interval={HEARTBEAT_MS}",
        f"--election-timeout={ELECTION_MS}",
        *_etcd_peers(),
    )


def _etcd_peers() -> tuple[str, ...]:
    return (
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={PKI}/store.crt",
        f"--peer-cert-file={PKI}/etcd.crt",
        f"--peer-key-file={PKI}/etcd.key",
    )


def _api_server(places: Places, *, cluster: str, store: str, port: int) -> tuple[str, ...]:
    keys = f"{PKI}/{cluster}"
    return (
        f"{places.tools}/kube-apiserver",
        "--bind-address=0.0.0.0",
        f"--secure-port={port}",
        f"--etcd-servers={store}",
        f"--etcd-cafile={PKI}/ca.crt",
        f"--etcd-certfile={PKI}/etcd.crt",
        f"--etcd-keyfile={PKI}/etcd.key",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/server.crt",
        f"--tls-private-key-file={PKI}/server.key",
        "--tls-min-version=VersionTLS12",
        f"--tls-cipher-suites={SUITES}",
        "--anonymous-auth=false",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={keys}/signing.pub",
        f"--service-account-signing-key-file={keys}/signing.key",
        "--service-account-extend-token-expiration=false",
        "--service-account-max-token-expiration=24h",
        f"--encryption-provider-config={keys}/encryption.json",
        "--encryption-provider-config-automatic-reload",
        f"--audit-policy-file={PKI}/audit.json",
        f"--audit-log-path={LOGS}/audit-{cluster}.log",
        "--audit-log-maxage=366",
        "--audit-log-maxsize=100",
        "--audit-log-maxbackup=10",
        "--profiling=false",
    )


def _site_api(network: SiteNetwork, places: Places) -> tuple[str, ...]:
    return (
        *_api_server(places, cluster="site", store=SITE_ETCD, port=API_PORT),
        f"--advertise-address={network.address}",
        f"--service-cluster-ip-range={network.services}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--kubelet-certificate-authority={PKI}/ca.crt",
        f"--kubelet-client-certificate={PKI}/kubelet-client.crt",
        f"--kubelet-client-key={PKI}/kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP",
    )


def _hub_api(network: SiteNetwork, places: Places) -> tuple[str, ...]:
    local = f"https://127.0.0.1:{ETCD_CLIENT_PORT}"
    return (
        *_api_server(places, cluster="hub", store=local, port=HUB_PORT),
        f"--advertise-address={network.address}",
        f"--service-cluster-ip-range={HUB_SERVICES}",
        "--endpoint-reconciler-type=none",
        "--etcd-prefix=/hub",
        "--authorization-mode=RBAC",
    )


def _controllers(network: SiteNetwork, places: Places) -> tuple[str, ...]:
    return (
        f"{places.tools}/kube-controller-manager",
        f"--kubeconfig={PKI}/controllers.conf",
        "--leader-elect=false",
        "--secure-port=0",
        "--use-service-account-credentials",
        f"--root-ca-file={PKI}/ca.crt",
        f"--service-account-private-key-file={PKI}/site/signing.key",
        f"--cluster-name={network.name}",
    )
