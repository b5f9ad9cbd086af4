"""Each workload at each site is in the hands that are declared for it there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hospital.estate import Workload
from hospital.story import WorkloadSeen
from providers.tiers import Tiers
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
LIS, HIS, PACS = (ESTATE.workload(name) for name in ("lis", "his", "pacs"))
HOME = "campus-x86"


class Noting:
    """WorkloadHands that note what they are asked, and see nothing of the workloads in ``dark``."""

    def __init__(self, *dark: str) -> None:
        self.dark = dark
        self.asked: list[tuple[str, str]] = []

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        self.asked.append((f"{workload.name}={replicas}", site))

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        self.asked.append((workload.name, site))
        return WorkloadSeen(workload.name, site, 1, 1)

    def running(self, workload: Workload, *, site: str) -> int:
        self.asked.append((workload.name, site))
        return 1

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        seen = [each for each in workloads if each.name not in self.dark]
        return tuple(self.observe(each, site=site) for each in seen)


def test_a_workload_is_on_hosts_at_the_site_of_its_hosts_and_pods_elsewhere() -> None:
    pods, hosts = Noting(), Noting()
    tiers = Tiers(ESTATE, pods=pods, hosts=hosts)
    for site in LIS.sites:
        tiers.scale(LIS, site=site, replicas=2)
        tiers.observe(LIS, site=site)
        tiers.running(LIS, site=site)
    tiers.scale(HIS, site=HOME, replicas=2)
    assert hosts.asked == [("lis=2", HOME), ("lis", HOME), ("lis", HOME)]
    assert {site for _, site in pods.asked[:-1]} == {"campus-arm", "cloud"}
    assert pods.asked[-1] == ("his=2", HOME)


def test_a_survey_is_in_the_order_asked_whoever_answers() -> None:
    pods, hosts = Noting(), Noting()
    found = Tiers(ESTATE, pods=pods, hosts=hosts).survey([HIS, LIS, PACS], site=HOME)
    assert [each.workload for each in found] == ["his", "lis", "pacs"]
    assert hosts.asked == [("lis", HOME)]


def test_dark_hosts_leave_the_pods_of_a_survey_to_be_seen() -> None:
    found = Tiers(ESTATE, pods=Noting(), hosts=Noting("lis")).survey([LIS, HIS], site=HOME)
    assert [each.workload for each in found] == ["his"]


def test_hands_that_have_nothing_at_a_site_are_not_asked() -> None:
    pods, hosts = Noting(), Noting()
    Tiers(ESTATE, pods=pods, hosts=hosts).survey([LIS], site=HOME)
    assert pods.asked == []
