"""The pack under the real engine: what a person sees at ``pulumi preview --policy-pack policies``.

The program registers the resources of an estate as components, so that no provider and no site is
needed: the engine, the language host, the pack and its process are the real ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
ABROAD = Path(__file__).parent / "estates" / "abroad.yaml"
CACHE = Path(
    os.environ.get("XINGLIN_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xinglin"
)
TOOLS = CACHE / "toolchain" / "bin"

PROJECT = """\
name: preview
runtime: {{name: python, options: {{virtualenv: {environment}}}}}
"""

PROGRAM = """\
import os
from pathlib import Path
import pulumi
from policies.intake import from_estate
from providers.objects import objects
from stacks.estate import read_estate

class Registered(pulumi.ComponentResource):
    def __init__(self, token, name, inputs):
        super().__init__(token, name, inputs)
        self.register_outputs(inputs)

for item in from_estate(read_estate(Path(os.environ["ESTATE"])), objects=objects):
    Registered(f"hospital:index:{item.kind}", item.name, dict(item.inputs))
"""

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (TOOLS / "pulumi").exists():
        pytest.skip("the toolchain's pulumi is not built")
    directory = tmp_path_factory.mktemp("preview")
    (directory / "Pulumi.yaml").write_text(PROJECT.format(environment=sys.prefix))
    (directory / "__main__.py").write_text(PROGRAM)
    (directory / "state").mkdir()
    pulumi(directory, LAB, "stack", "init", "test")
    return directory


def pulumi(project: Path, estate: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = [str(Path(sys.prefix, "bin")), str(ROOT / "lab" / "toolchain"), str(TOOLS)]
    environment = os.environ | {
        "PATH": os.pathsep.join([*path, os.environ["PATH"]]),
        "PULUMI_HOME": str(project / "home"),
        "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "ESTATE": str(estate),
    }
    command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
    return subprocess.run(
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def preview(project: Path, estate: Path) -> subprocess.CompletedProcess[str]:
    return pulumi(project, estate, "preview", "--policy-pack", str(ROOT / "policies"))


def test_a_declaration_abroad_is_refused_with_every_reason_clause_and_remedy(project: Path) -> None:
    answer = preview(project, ABROAD)
    assert answer.returncode != 0
    for part in (
        "[mandatory] [severity: critical]  residency_in_china",
        "国卫规划发〔2022〕29号 第18–22条",
        "位于境外站点 cloud-abroad",
        "choose a site whose country is CN",
        "[mandatory] [severity: high]  product_listed",
        "db-oracle 不在信创目录内",
        "use a listed product",
        "[mandatory] [severity: critical]  second_site",
        "A 类业务 his 仅在 campus-x86",
        "add a site of another failure domain",
    ):
        assert part in answer.stdout, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_the_lab_is_let_through(project: Path) -> None:
    answer = preview(project, LAB)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "[mandatory]" not in answer.stdout
    estate = read_estate(LAB)
    placements = sum(len(workload.sites) for workload in estate.workloads)
    made = len(estate.sites) + placements + len(estate.plans) + 1  # and the stack itself
    assert f"+ {made} to create" in answer.stdout
