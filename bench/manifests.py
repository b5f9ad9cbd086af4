"""An audit of 1,000 Kubernetes objects beside Checkov's, as whole processes on one core.

What is compared is CPU seconds per 1,000 judgements. Ours is one rule asked of one object, as
``counts.judgements`` says; Checkov's is one check's result for one resource: passed, failed or
skipped. Neither counts what does not apply. Start, reading and writing JSON are within both.
Checkov lives in an environment of its own, outside the checkout: it pins what we also use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from bench.figures import Measured, Target
from bench.processes import installed, run
from console.desk import DECLARATION
from lab import rbac
from lab.places import CHECKOUT
from providers.kubernetes import Object
from providers.objects import objects
from stacks.estate import read_estate

NAME = "audit-manifests"
WHAT = (
    "CPU seconds per 1,000 judgements (ours) or checks (Checkov): an audit of 1,000 Kubernetes "
    "objects in files, whole process on one core, all rules, JSON out"
)
OBJECTS = 1000
CHECKOV = "3.3.30"
PEER = "checkov"
TARGET = Target(peer=PEER, ratio=0.1, loss=None)


@dataclass(frozen=True, slots=True)
class Audited:
    """One audit: what it took, and how many questions it answered."""

    cpu: float  # seconds
    judgements: int

    @property
    def per_thousand(self) -> float:
        """CPU seconds per 1,000 judgements."""
        return self.cpu / self.judgements * 1000


def measure(*, runs: int, say: Callable[[str], None]) -> Measured:
    """Audit the same files ``runs`` times by each, in turns, after one that does not count."""
    peer = installed("checkov", CHECKOV)
    found: dict[str, list[Audited]] = {"ours": [], PEER: []}
    with TemporaryDirectory() as directory:
        here = Path(directory)
        write(here / "objects")
        for number in range(runs + 1):
            for name, audited in (("ours", ours(here)), (PEER, checkov(peer, here))):
                say(
                    f"{NAME} {number}/{runs} {name}: {audited.cpu:.2f} s, "
                    f"{audited.judgements} judgements, {audited.per_thousand:.3f} s per 1,000"
                )
                found[name] += [audited] if number else []
    seconds = {name: [each.per_thousand for each in audits] for name, audits in found.items()}
    details = {
        "objects": OBJECTS,
        "checkov": CHECKOV,
        "judgements": {name: audits[0].judgements for name, audits in found.items()},
        "cpuSeconds": {name: [round(each.cpu, 3) for each in all_] for name, all_ in found.items()},
    }
    return Measured(NAME, WHAT, seconds, {}, TARGET, details)


def ours(directory: Path) -> Audited:
    """``xinglin audit --manifests``."""
    output = directory / "ours.json"
    command = (sys.executable, "-m", "console.main", "audit", "--manifests")
    environment = {"PYTHONPATH": str(CHECKOUT)}
    ran = run(
        (*command, str(directory / "objects"), "--json"),
        output=output, environment=environment, ends=(0, 1),
    )  # fmt: skip
    return Audited(ran.cpu, json.loads(output.read_bytes())["counts"]["judgements"])


def checkov(program: Path, directory: Path) -> Audited:
    """The same by Checkov, which is kept from asking its makers anything."""
    output = directory / "checkov.json"
    flags = ("--framework", "kubernetes", "--quiet", "--compact", "--skip-download", "-o", "json")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    ran = run(
        (str(program), "-d", str(directory / "objects"), *flags),
        output=output, environment=nowhere, ends=(0, 1),
    )  # fmt: skip
    summary = json.loads(output.read_bytes())["summary"]
    return Audited(ran.cpu, sum(summary[result] for result in ("passed", "failed", "skipped")))


def write(directory: Path) -> None:
    """The objects as files, the same every time."""
    directory.mkdir()
    left = OBJECTS
    for name, items in _groups():
        taken = [*islice(items, left)]
        text = yaml.safe_dump_all(taken, allow_unicode=True, sort_keys=False)
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
        left -= len(taken)
        if not left:
            return


def _groups() -> Iterator[tuple[str, Iterator[Object]]]:
    """The lab's workloads and the rights in its clusters, again and again under other names."""
    estate = read_estate(DECLARATION)
    for number in count():
        site = estate.sites[number % len(estate.sites)]
        for workload in estate.workloads:
            renamed = replace(workload, name=f"{workload.name}-{number:03}")
            yield renamed.name, iter(objects(renamed, site))
        rights = (_renamed(item, f"-{number:03}") for item in rbac.site_objects())
        yield f"rights-{number:03}", rights


def _renamed(item: Any, suffix: str) -> Any:
    found = item | {"metadata": item["metadata"] | {"name": item["metadata"]["name"] + suffix}}
    if "roleRef" in item:
        found["roleRef"] = item["roleRef"] | {"name": item["roleRef"]["name"] + suffix}
    return found
