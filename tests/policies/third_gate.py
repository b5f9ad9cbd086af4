"""The third gate as it runs: the real program, and a real API server that asks it."""

from __future__ import annotations

import itertools
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from policies.webhook import RESOURCES
from providers.objects import objects
from stacks.estate import read_estate

ROOT = Path(__file__).resolve().parents[2]
PROTECTED, OPEN = "hospital-his", "elsewhere"  # namespaces: of a workload, and of none

Object = dict[str, Any]


def _good() -> tuple[Object, Object]:
    estate = read_estate(ROOT / "stacks" / "estates" / "lab.yaml")
    made = objects(estate.workload("his"), estate.site("campus-x86"))
    (deployment,) = (item for item in made if item["kind"] == "Deployment")
    template = deployment["spec"]["template"]
    return deployment, {"apiVersion": "v1", "kind": "Pod", **template}


GOOD_DEPLOYMENT, GOOD_POD = _good()


def good_pod(name: str, namespace: str = PROTECTED) -> Object:
    """A pod of the lab's HIS, which complies with every rule of this gate."""
    pod = deepcopy(GOOD_POD)
    pod["metadata"] |= {"name": name, "namespace": namespace}
    return pod


def privileged_pod(name: str, namespace: str = PROTECTED) -> Object:
    """The same with a privileged container, which Kubernetes lets escalate."""
    pod = good_pod(name, namespace)
    context = pod["spec"]["containers"][0]["securityContext"]
    context |= {"privileged": True, "allowPrivilegeEscalation": True}
    return pod


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until ``true()``: what was configured takes a moment to hold."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@dataclass
class Program:
    """``python -m policies.admission`` on the loopback interface."""

    access: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "policies.admission"]
        command += ["--listen", f"127.0.0.1:{self.port}", "--access", str(self.access)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stderr=log, env=environment)
        eventually(self.answers)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code, self.process = self.process.wait(timeout=20), None
        return code

    def client(self, *, certificate: bool = True) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.access / "ca.crt"))
        if certificate:
            context.load_cert_chain(self.access / "tls.crt", self.access / "tls.key")
        return httpx.Client(base_url=self.url, verify=context, trust_env=False)

    def answers(self) -> bool:
        assert self.process is None or self.process.poll() is None, self.log.read_text()
        with self.client() as client:
            try:
                return client.get("/healthz").status_code == httpx.codes.OK
            except httpx.TransportError:
                return False


@dataclass
class Api:
    """An API server, asked in plain requests by its administrator, or in somebody else's name."""

    server: Any
    client: httpx.Client
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def create(self, item: Object, *, user: str = "", dry_run: bool = True) -> httpx.Response:
        query = {"dryRun": "All"} if dry_run else {}
        headers = {"Impersonate-User": user, "Impersonate-Group": "system:masters"} if user else {}
        return self.client.post(_path(item), json=item, params=query, headers=headers)

    def make(self, item: Object) -> Object:
        """Create it, or change it if it is there."""
        made = self.create(item, dry_run=False)
        if made.status_code == httpx.codes.CONFLICT:
            made = self.patch(item, item)
        assert made.is_success, made.text
        return item

    def patch(self, item: Object, change: Object, *, sub: str = "") -> httpx.Response:
        kind = "strategic-merge-patch" if sub == "ephemeralcontainers" else "merge-patch"
        headers = {"Content-Type": f"application/{kind}+json"}
        where = "/".join([_named(item), *([sub] if sub else [])])
        return self.client.patch(where, json=change, headers=headers)

    def get(self, item: Object) -> httpx.Response:
        return self.client.get(_named(item))

    def delete(self, item: Object) -> httpx.Response:
        return self.client.delete(_named(item))

    @contextmanager
    def controllers(self, *names: str) -> Iterator[None]:
        """These controllers of the real controller-manager, each with an identity of its own."""
        log = (self.server.directory / "controllers.log").open("ab")
        command = [str(self.server.directory / "kube-controller-manager")]
        command += [f"--kubeconfig={self.server.directory / 'kubeconfig'}", "--secure-port=0"]
        command += ["--use-service-account-credentials", "--leader-elect=false"]
        with log:
            process = subprocess.Popen(
                [*command, f"--controllers={','.join(names)}"], stdout=log, stderr=log
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def pods_of(self, item: Object) -> list[Object]:
        """The pods that are made from it, by their labels."""
        labels = item["spec"]["selector"]["matchLabels"]
        query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())}
        where = f"/api/v1/namespaces/{item['metadata']['namespace']}/pods"
        found: list[Object] = self.client.get(where, params=query).json()["items"]
        return found

    def name(self) -> str:
        """One that no object has yet."""
        return f"thing-{next(self.numbers)}"

    def refusal(self, where: str) -> str:
        """What is said to a privileged pod in that namespace; "" if it may come in."""
        answer = self.create(privileged_pod(self.name(), where))
        return "" if answer.is_success else str(answer.json()["message"])


def _named(item: Object) -> str:
    return f"{_path(item)}/{item['metadata']['name']}"


def _path(item: Object) -> str:
    """Where objects of its kind are served."""
    version, kind = item["apiVersion"], item["kind"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    plural = RESOURCES[kind].plural if kind in RESOURCES else _plural(kind)
    namespace = item["metadata"].get("namespace")
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def _plural(kind: str) -> str:
    return f"{kind.lower()[:-1]}ies" if kind.endswith("y") else f"{kind.lower()}s"
