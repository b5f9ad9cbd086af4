"""A real API server on the loopback interface, for tests that must see what Kubernetes does.

etcd and kube-apiserver of the toolchain with TLS, RBAC and our CRDs, in a temporary directory,
as children of the test process. Nothing else answers there: no controller, no node.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hospital.errors import HospitalError, UnavailableError
from lab.loopback import Server, authority
from providers.access import Access
from providers.aws import Cloud
from providers.kubernetes import PULUMI, Cluster
from providers.programs import HOME

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(
    os.environ.get("XINGLIN_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xinglin"
)
KUBE = CACHE / "toolchain" / "bin" / "kube"


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,  # as service-account keys must be
        serialization.NoEncryption(),
    )


class Authority:
    """A throw-away CA that issues one certificate per name."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")])
        key_usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(key_usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = made.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, *, organization: str = "") -> Path:
        """An access directory for ``name``, its certificate good for client and loopback server."""
        directory = self.directory / name
        directory.mkdir(exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if organization:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        names = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
        made = (
            self._builder(x509.Name(parts), key)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        (directory / "ca.crt").write_bytes(self.certificate)
        (directory / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (directory / "tls.key").write_bytes(_pem(key))
        return directory

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
        )


@dataclass
class ApiServer:
    """One etcd and one kube-apiserver; ``kill`` and ``start`` keep its data."""

    directory: Path
    port: int = field(default_factory=_port)
    etcd_port: int = field(default_factory=_port)
    peer_port: int = field(default_factory=_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    authority: Authority | None = None  # given when several servers must trust the same one

    def __post_init__(self) -> None:
        self.authority = self.authority or Authority(self.directory / "pki")
        self.authority.issue("server")
        self.admin = Access(self.authority.issue("admin", organization="system:masters"))
        for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
            (self.directory / name).symlink_to(KUBE)

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def cluster(self, access: Access | None = None) -> Cluster:
        return Cluster(self.endpoint, access or self.admin, read=5.0)

    def start(self) -> None:
        assert self.authority is not None
        pki, etcd = self.authority.directory / "server", f"http://127.0.0.1:{self.etcd_port}"
        self._run(
            "etcd",
            f"--data-dir={self.directory / 'data'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{self.peer_port}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{self.peer_port}",
            f"--initial-cluster=default=http://127.0.0.1:{self.peer_port}",
            "--unsafe-no-fsync",
            "--log-level=error",
        )
        self._run(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=192.0.2.1",  # loopback is refused; nothing ever connects to it
            f"--secure-port={self.port}",
            f"--tls-cert-file={pki / 'tls.crt'}",
            f"--tls-private-key-file={pki / 'tls.key'}",
            f"--client-ca-file={pki / 'ca.crt'}",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--allow-privileged",  # as real clusters do: what refuses is our rules
            "--service-cluster-ip-range=10.96.0.0/20",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki / 'tls.key'}",
            f"--service-account-signing-key-file={pki / 'tls.key'}",
            # No controller-manager runs here that would create the default service accounts.
            "--disable-admission-plugins=ServiceAccount",
        )
        self._await_ready()
        # Without this controller a deleted namespace stays for ever.
        self._run(
            "kube-controller-manager",
            f"--kubeconfig={self._kubeconfig()}",
            "--controllers=namespace-controller",
            "--leader-elect=false",
            "--secure-port=0",
        )

    def _kubeconfig(self) -> Path:
        cluster = {"server": self.endpoint, "certificate-authority": str(self.admin.path("ca.crt"))}
        user = {
            "client-certificate": str(self.admin.path("tls.crt")),
            "client-key": str(self.admin.path("tls.key")),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": user}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "current-context": "it",
        }
        path = self.directory / "kubeconfig"
        path.write_text(json.dumps(config), encoding="utf-8")
        return path

    def kill(self) -> None:
        """SIGKILL, as a site that burns."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def install_crds(self) -> None:
        crds = [
            yaml.safe_load(path.read_text(encoding="utf-8"))
            for path in sorted((ROOT / "operators" / "crds").glob("*.yaml"))
        ]
        cluster = self.cluster()
        cluster.apply(crds, field_manager=PULUMI)
        for kind in ("Site", "Workload", "RecoveryPlan", "RecoveryAction", "Migration"):
            _until(lambda kind=kind: cluster.items("xinglin.dev/v1alpha1", kind) is not None)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "xinglin"}}
        cluster.apply([namespace], field_manager=PULUMI)

    def _run(self, name: str, *arguments: str) -> None:
        log = (self.directory / f"{name}.log").open("ab")
        command = [str(self.directory / name), *arguments]
        self.processes.append(subprocess.Popen(command, cwd=self.directory, stdout=log, stderr=log))
        log.close()

    def _await_ready(self) -> None:
        cluster = self.cluster()
        _until(lambda: self._alive() and cluster.ready())

    def _alive(self) -> bool:
        dead = [process.args for process in self.processes if process.poll() is not None]
        if dead:
            raise RuntimeError(f"ended at once, see the logs in {self.directory}: {dead}")
        return True


def _until(true: object, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if true():  # type: ignore[operator]
                return
        except HospitalError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the API server did not become ready")
        time.sleep(0.1)


def free_port() -> int:
    """A port of the loopback interface that nobody uses at the moment."""
    return _port()


def running_server(directory: Path) -> Iterator[ApiServer]:
    """A started server with our CRDs; everything is killed at the end."""
    if not KUBE.exists():
        pytest.skip("the toolchain's kube is not built")
    server = ApiServer(directory)
    try:
        server.start()
        server.install_crds()
        yield server
    finally:
        server.kill()


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """The access directory of somebody whom a throw-away authority knows."""
    return Authority(tmp_path / "pki").issue("somebody")


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real API server with our CRDs and namespace ``xinglin``, shared by all tests."""
    yield from running_server(tmp_path_factory.mktemp("apiserver"))


@pytest.fixture(scope="session")
def pair() -> Iterator[dict[str, Server]]:
    """Two real PostgreSQL servers, ``a`` and ``b``, each with an empty database ``his``."""
    if not list(HOME.glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is not installed")
    trusted = authority()
    servers = {name: Server(name, trusted, "pass'word \\") for name in ("a", "b")}
    try:
        for server in servers.values():
            server.make()
        yield servers
    finally:
        for server in servers.values():
            server.close()


@pytest.fixture
def servers(pair: dict[str, Server]) -> dict[str, Server]:
    """The two, with nothing in them of a test before."""
    for server in pair.values():
        server.release()
    for server in pair.values():
        server.reset()
    return pair


@pytest.fixture(scope="module")
def simulated_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An AWS-compatible API (moto, simulated) that answers, with nothing in it yet."""
    directory = tmp_path_factory.mktemp("cloud")
    key = {"access_key": "AKIAEXAMPLE", "secret_key": "example"}
    (directory / "cloud.json").write_text(json.dumps(key))
    port = _port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = Cloud(f"http://127.0.0.1:{port}", "cn-north-1", Access(directory), timeout=30)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                made.bucket("none")
                break
            except UnavailableError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield made
    finally:
        server.kill()
        server.wait()
