"""What a preview cannot judge is judged by ``pulumi up``: a real program on the real engine.

The program makes values unknown in a preview, as the SDK hands on the outputs of what is not
made yet (our own provider has no such output). The network is made in an AWS-compatible API (moto,
simulated).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from test_preview import PROJECT, ROOT, TOOLS, pulumi

pytestmark = [pytest.mark.lab, pytest.mark.slow]

PROGRAM = '''
import asyncio

import pulumi
from pulumi.output import UNKNOWN


def later(value):
    """Known to `up` only."""
    known, told = asyncio.Future(), asyncio.Future()
    known.set_result(not pulumi.runtime.is_dry_run())
    told.set_result(UNKNOWN if pulumi.runtime.is_dry_run() else value)
    return pulumi.Output(set(), told, known)


class Site(pulumi.ComponentResource):
    """Known to the rules by its type; nothing is made of it."""

    def __init__(self, site):
        super().__init__("hospital:index:Site", site["name"], {"site": site})
        self.register_outputs({"site": site})


config = pulumi.Config("test")
Site(config.require_object("site"))
inputs = {
    "name": "net",
    "region": "cn-north-1",
    "endpoint": config.require("cloud"),
    "cidr": later(config.require("cidr")),
    "subnets": {},
    "openPorts": later(config.require_object("ports")),
}
pulumi.CustomResource("hospital:index:CloudNetwork", "net", inputs)
'''

SITE = {
    "name": "campus",
    "region": "Anhui",
    "failureDomain": "campus",
    "country": "CN",
    "kind": "on-prem",
    "architectures": ["amd64"],
    "products": [],
    "zones": ["internal"],
    "endpoints": {"ingress": "10.9.0.10", "dns": "10.9.0.53:53"},
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert server.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def project(tmp_path: Path, cloud: str) -> Path:
    if not (TOOLS / "pulumi").exists():
        pytest.skip("the toolchain's pulumi is not built")
    for name in ("state", "access", "program"):
        (tmp_path / name).mkdir()
    key = {"access_key": "AKIAEXAMPLE", "secret_key": "example"}
    (tmp_path / "access" / "cloud.json").write_text(json.dumps(key))
    (tmp_path / "program" / "__main__.py").write_text(PROGRAM)
    told = PROJECT | {"main": str(tmp_path / "program")}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(told))
    pulumi(tmp_path, "stack", "init", "test")
    pulumi(tmp_path, "config", "set", "test:cloud", cloud)
    pulumi(tmp_path, "config", "set", "test:site", json.dumps(SITE))
    return tmp_path


def said(project: Path, verb: str, *extra: str, cidr: str, ports: list[int], passes: bool) -> str:
    pulumi(project, "config", "set", "test:cidr", cidr)
    pulumi(project, "config", "set", "test:ports", json.dumps(ports))
    words = () if verb == "preview" else ("--yes", "--skip-preview")
    answer = pulumi(project, verb, *words, "--policy-pack", str(ROOT / "policies"), *extra)
    assert (answer.returncode == 0) is passes, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    return answer.stdout


def test_a_preview_defers_and_up_refuses_the_resource_before_it_is_made(project: Path) -> None:
    shown = said(project, "preview", cidr="172.20.0.0/16", ports=[22], passes=True)
    assert "[mandatory]" not in shown
    assert "deferred  (hospital:index:CloudNetwork: net)" in shown
    assert "management_port_closed" in shown
    assert "CloudNetwork/net.openPorts" in shown
    shown = said(project, "up", cidr="172.20.0.0/16", ports=[22], passes=False)
    assert "management_port_closed: " in shown
    assert "port 22 (SSH) is open to the outside" in shown
    assert "CloudNetwork" not in pulumi(project, "stack").stdout


def test_a_preview_defers_and_up_refuses_at_its_end_what_only_the_whole_shows(
    project: Path,
) -> None:
    shown = said(project, "preview", cidr="10.9.0.0/16", ports=[443], passes=True)
    assert "cloud_network_apart" in shown
    shown = said(project, "up", cidr="10.9.0.0/16", ports=[443], passes=False)
    assert "10.9.0.0/16 spans 10.9.0.53 of site campus" in shown, shown
    assert "judgements wait" not in shown


def test_up_passes_what_complies_and_nothing_waits_any_more(project: Path) -> None:
    assert "judgements wait" in said(
        project, "preview", cidr="172.20.0.0/16", ports=[443], passes=True
    )
    shown = said(project, "up", cidr="172.20.0.0/16", ports=[443], passes=True)
    assert "judgements wait" not in shown
    assert "[mandatory]" not in shown


def test_what_a_rule_can_put_right_is_put_right_where_it_is_asked_for(project: Path) -> None:
    config = project / "fixes.json"
    config.write_text('{"fixes": "remediate"}', encoding="utf-8")
    asked = ("--policy-pack-config", str(config))
    said(project, "preview", *asked, cidr="172.20.0.0/16", ports=[22, 443], passes=True)
    shown = said(project, "up", *asked, cidr="172.20.0.0/16", ports=[22, 443], passes=True)
    assert "[remediate]" in shown
    assert "[mandatory]" not in shown
    exported = json.loads(pulumi(project, "stack", "export").stdout)
    (network,) = (
        item["inputs"]
        for item in exported["deployment"]["resources"]
        if item["type"] == "hospital:index:CloudNetwork"
    )
    assert network["openPorts"] == [443]
    assert network["cidr"] == "172.20.0.0/16"
