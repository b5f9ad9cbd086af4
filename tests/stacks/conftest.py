"""A small estate on the loopback interface, driven by the real engine.

Two sites, each a real API server (the hub's objects are in the first), a real DNS server and an
AWS-compatible API. No nodes and no hosts: what runs there is the lab's business.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from providers.access import Access
from providers.aws import Cloud
from providers.dns import DnsNames

ROOT = Path(__file__).resolve().parents[2]
SITES = ("campus-x86", "cloud")
WORKLOADS = ("identity", "integration", "his")
STACK = "loop"


def _api_servers() -> ModuleType:
    """The neighbour's conftest, which importlib mode does not let us import by name."""
    path = ROOT / "tests" / "providers" / "conftest.py"
    spec = util.spec_from_file_location("loopback_api_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass
class World:
    """Everything that a stack is applied to."""

    directory: Path
    servers: dict[str, Any] = field(default_factory=dict)  # site → ApiServer
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    dns: str = ""
    cloud_url: str = ""
    access: Access = field(init=False)

    def start(self) -> None:
        lives = _api_servers()
        authority = lives.Authority(self.directory / "pki")
        for site in SITES:
            (self.directory / site).mkdir()
            self.servers[site] = lives.ApiServer(self.directory / site, authority=authority)
        for server in self.servers.values():
            server.start()
            server.install_crds()
        self.access = Access(authority.issue("pulumi", organization="system:masters"))
        self._start_dns(lives.free_port())
        self._start_cloud(lives.free_port())
        self._declare()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait()
        for server in self.servers.values():
            server.kill()

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """Run the real CLI on the stack; what it said."""
        named = arguments[0] == "stack" or "--stack" in arguments
        chosen = [] if named else ["--stack", STACK]
        if arguments[0] in {"up", "preview", "refresh", "destroy"}:
            chosen += ["--suppress-progress"]
        command = ["pulumi", *arguments, *chosen, "--color=never", "--non-interactive"]
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=280,
        )
        assert (done.returncode != 0) is fails, done.stdout
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        tools = _api_servers().KUBE.parent
        path = [Path(sys.executable).parent, ROOT / "lab" / "toolchain", tools]
        return {
            **os.environ,
            "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "loop",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "XINGLIN_ACCESS": str(self.access.directory),
            "XINGLIN_STATE": str(self.directory),
        }

    def names(self) -> DnsNames:
        return DnsNames("hospital.test", self.access)

    def cloud(self) -> Cloud:
        return Cloud(self.cloud_url, "cn-north-1", self.access, timeout=20)

    def state(self) -> str:
        return (self.directory / f"state/.pulumi/stacks/xinglin/{STACK}.json").read_text()

    def _start_dns(self, port: int) -> None:
        key = {
            "name": "xinglin-recovery",
            "algorithm": "hmac-sha256",
            "secret": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        (self.access.directory / "tsig.json").write_text(json.dumps(key))
        home = self.directory / "dns"
        home.mkdir()
        (home / "zone").write_text(_ZONE)
        (home / "named.conf").write_text(_NAMED % {"home": home, "port": port, **key})
        self._run("named", "-g", "-c", str(home / "named.conf"))
        self.dns = f"127.0.0.1:{port}"

    def _start_cloud(self, port: int) -> None:
        key = {"access_key": "AKIAEXAMPLE", "secret_key": secrets.token_hex(8)}
        (self.access.directory / "cloud.json").write_text(json.dumps(key))
        self._run(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
        self.cloud_url = f"http://127.0.0.1:{port}"

    def _declare(self) -> None:
        accounts = {
            name: {"user": name, "password": f"TOPSECRET{secrets.token_hex(8)}"}
            for name in WORKLOADS
        }
        database = self.access.directory / "database.json"
        database.write_text(json.dumps({"workloads": accounts}))
        estate = self.directory / "estate.yaml"
        estate.write_text(yaml.safe_dump(self._estate(), allow_unicode=True))
        (self.directory / "state").mkdir()
        self._open_project()
        self.pulumi("stack", "init", STACK)
        config = self.project / "config" / f"Pulumi.{STACK}.yaml"
        content = yaml.safe_load(config.read_text())
        content["config"] = {"xinglin:estate": str(estate), "xinglin:hosts": "false"}
        config.write_text(yaml.safe_dump(content))

    @property
    def project(self) -> Path:
        return self.directory / "project"

    def _open_project(self) -> None:
        """The checkout's project, with a stack configuration that is not in the checkout."""
        (self.project / "config").mkdir(parents=True)
        for name in ("stacks", "providers", ".venv"):
            (self.project / name).symlink_to(ROOT / name)
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
        project["stackConfigDir"] = "config"
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))

    def _estate(self) -> Any:
        """The laboratory hospital, cut down to what two API servers can hold."""
        text = (ROOT / "stacks" / "estates" / "lab.yaml").read_text(encoding="utf-8")
        estate = yaml.safe_load(text)
        spec = estate["spec"]
        spec["sites"] = [site for site in spec["sites"] if site["name"] in SITES]
        for site in spec["sites"]:
            site["endpoints"] |= {
                "kubernetes": self.servers[site["name"]].endpoint,
                "hub": self.servers[SITES[0]].endpoint,
                "dns": self.dns,
            }
        spec["sites"][1]["endpoints"]["cloud"] = self.cloud_url
        spec["links"] = [link for link in spec["links"] if set(link["sites"]) <= set(SITES)]
        spec["workloads"] = [
            item | {"standbys": ["cloud"]}
            for item in spec["workloads"]
            if item["name"] in WORKLOADS
        ]
        spec["databases"], spec["migrations"] = spec["databases"][:1], []
        spec["plans"] = [spec["plans"][0] | {"standbys": ["cloud"], "workloads": list(WORKLOADS)}]
        return estate

    def _run(self, *command: str) -> None:
        with (self.directory / f"{Path(command[0]).name}.log").open("ab") as log:
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))


_ZONE = "$TTL 1\n@ IN SOA ns.hospital.test. root 1 60 60 60 1\n@ IN NS ns\nns IN A 127.0.0.1\n"
_NAMED = """
options {
  directory "%(home)s"; pid-file "%(home)s/pid"; session-keyfile "%(home)s/session";
  listen-on port %(port)d { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
};
controls { };
key %(name)s { algorithm %(algorithm)s; secret "%(secret)s"; };
zone "hospital.test" {
  type primary; file "%(home)s/zone"; update-policy { grant %(name)s zonesub A; };
};
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A started world with an empty stack."""
    lives = _api_servers()
    missing = [
        name
        for name, there in {
            "kube": lives.KUBE.exists(),
            "pulumi": (lives.KUBE.parent / "pulumi").exists() or shutil.which("pulumi"),
            "named": shutil.which("named"),
        }.items()
        if not there
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    made = World(tmp_path_factory.mktemp("world"))
    try:
        made.start()
        time.sleep(1)
        yield made
    finally:
        made.stop()
