"""The pack under the real engine: what a person sees at ``pulumi preview --policy-pack policies``.

Engine, language host, program, provider and pack are the real ones; only the sites are not there,
and a preview of what is not made yet needs none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
ABROAD = Path(__file__).parent / "estates" / "abroad.yaml"
CACHE = Path(
    os.environ.get("XINGLIN_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xinglin"
)
TOOLS = CACHE / "toolchain" / "bin"

PROJECT = {
    "name": "xinglin",
    "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
    "main": str(ROOT / "stacks"),
    "plugins": {"providers": [{"name": "hospital", "path": str(ROOT / "providers")}]},
}

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (TOOLS / "pulumi").exists():
        pytest.skip("the toolchain's pulumi is not built")
    directory = tmp_path_factory.mktemp("preview")
    (directory / "Pulumi.yaml").write_text(yaml.safe_dump(PROJECT))
    for name in ("state", "access"):
        (directory / name).mkdir()
    pulumi(directory, "stack", "init", "test")
    return directory


def pulumi(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = [str(Path(sys.prefix, "bin")), str(ROOT / "lab" / "toolchain"), str(TOOLS)]
    environment = os.environ | {
        "PATH": os.pathsep.join([*path, os.environ["PATH"]]),
        "PULUMI_HOME": str(project / "home"),
        "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "XINGLIN_ACCESS": str(project / "access"),
    }
    command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
    return subprocess.run(
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def preview(project: Path, estate: Path) -> subprocess.CompletedProcess[str]:
    pulumi(project, "config", "set", "xinglin:estate", str(estate))
    return pulumi(project, "preview", "--policy-pack", str(ROOT / "policies"))


def test_a_declaration_abroad_is_refused_with_every_reason_clause_and_remedy(project: Path) -> None:
    answer = preview(project, ABROAD)
    assert answer.returncode != 0
    for part in (
        "[mandatory] [severity: critical]  ",
        "[mandatory] [severity: high]  ",
        "residency_in_china: ",
        "国卫规划发〔2022〕29号 第18–22条",
        "位于境外站点 cloud-abroad",
        "choose a site whose country is CN",
        "product_listed: ",
        "db-oracle 不在信创目录内",
        "use a listed product",
        "second_site: ",
        "A 类业务 his 仅在 campus-x86",
        "add a site of another failure domain",
    ):
        assert part in answer.stdout, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_the_lab_is_let_through(project: Path) -> None:
    answer = preview(project, LAB)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "[mandatory]" not in answer.stdout


def test_what_the_estate_sets_of_the_rules_is_in_force(project: Path, tmp_path: Path) -> None:
    declared = yaml.safe_load(LAB.read_text(encoding="utf-8"))
    declared["spec"]["policy"] = {"parameters": {"replicas_redundant": {"replicas": 3}}}
    stricter = tmp_path / "stricter.yaml"
    stricter.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    answer = preview(project, stricter)
    assert answer.returncode != 0
    assert "replicas_redundant: " in answer.stdout, answer.stdout + answer.stderr


@pytest.mark.parametrize(("example", "passes"), [("passes", True), ("fails", False)])
def test_an_exported_state_is_analysed_without_a_program_or_a_backend(
    project: Path, example: str, passes: bool
) -> None:
    state = ROOT / "docs" / "examples" / example / "state.json"
    answer = pulumi(
        project, "policy", "analyze", "--file", str(state), "--policy-pack", str(ROOT / "policies")
    )
    said = answer.stdout + answer.stderr
    assert "xinglin@v" in said
    assert "Traceback" not in said
    assert (answer.returncode == 0) is passes, said
    assert ("[mandatory]" in said) is not passes
    assert ("port 22 (SSH) is open to the outside" in said) is not passes
