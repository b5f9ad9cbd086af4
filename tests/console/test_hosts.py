"""What a run of the survey's playbook comes to: hosts that are judged, and hosts that are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.hosts import sorted_out
from providers.ansible import PlaybookRun
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
READ = {"kernel": "6.6.0", "machine": "x86_64", "accounts": []}


def run(facts: dict[str, Any], missed: dict[str, str] | None = None) -> PlaybookRun:
    return PlaybookRun(
        id="run-1",
        playbook="host_survey.yml",
        changed={},
        changes={},
        facts=facts,
        artifacts=Path("artifacts"),
        missed=missed or {},
    )


def test_a_host_that_did_not_answer_is_named_and_the_others_are_surveyed() -> None:
    ids = [host.id for site in ESTATE.sites for host in site.hosts]
    lost, *others = ids
    seen, unseen = sorted_out(ESTATE, run(dict.fromkeys(others, READ), {lost: "no route"}))
    assert [each.host.id for each in seen] == others
    assert unseen == (f"{lost}: no route",)


def test_a_host_carries_the_products_that_its_site_declares() -> None:
    seen, _ = sorted_out(ESTATE, run({"campus-x86-db-1": READ}))
    assert [each.products for each in seen] == [("cpu-hygon", "os-kylin-s")]


def test_a_host_that_reports_nothing_or_something_else_is_never_surveyed() -> None:
    facts = {"campus-x86-db-1": {"kernel": "6.6.0"}, "cloud-db-1": {**READ, "accounts": "none"}}
    seen, unseen = sorted_out(ESTATE, run(facts))
    assert seen == ()
    said = dict(line.split(": ", 1) for line in unseen)
    assert "machine" in said["campus-x86-db-1"]
    assert "accounts" in said["cloud-db-1"]
    assert said["cloud-edge-1"] == "it reported no settings"
