"""Where a workload may run, and for every other site why not.

A refusal is a fact for the person on call, never a silent gap: each candidate is
judged on everything, and the first that has no refusal is taken. Placement must
never choose a site that burns together with a lost one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hospital.estate import Estate, Site, Workload

RESIDENCE = "CN"
"""Health data are processed and stored inside China (国卫规划发〔2022〕29号)."""

RESIDENT_FROM_LEVEL = 2
"""GB/T 39725-2020: level 1 may be public, everything above is somebody's data."""


class Obstacle(StrEnum):
    """Why a workload may not run at a site."""

    LOST = "lost"  # nobody reaches the site
    FAILURE_DOMAIN = "failure-domain"  # it burns together with a lost site
    ARCHITECTURE = "architecture"  # no image for its CPUs
    RESIDENCY = "residency"  # patient data would leave the country
    ZONE = "zone"  # it lacks the network zone
    CAPACITY = "capacity"  # it cannot hold it any more


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against one site."""

    site: str
    obstacle: Obstacle
    detail_zh: str
    detail_en: str


@dataclass(frozen=True, slots=True)
class Load:
    """What applications ask for at a site."""

    millicores: int = 0
    mebibytes: int = 0

    def plus(self, workload: Workload) -> Load:
        """This load with one more workload, all its replicas counted."""
        return Load(
            self.millicores + workload.cpu_millicores * workload.replicas,
            self.mebibytes + workload.memory_mebibytes * workload.replicas,
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """The chosen site ("" if none) and why every other candidate was refused."""

    site: str
    reasons: tuple[Refusal, ...]


def place(
    estate: Estate,
    workload: Workload,
    *,
    lost: frozenset[str] = frozenset(),
    loads: Mapping[str, Load] | None = None,
    candidates: Sequence[str] | None = None,
) -> Placement:
    """The first site of ``candidates`` (default: the workload's, home first) without obstacle.

    ``lost`` are names of sites that nobody reaches, ``loads`` what already runs where.
    """
    reasons: list[Refusal] = []
    for name in workload.sites if candidates is None else candidates:
        found = _refusals(estate, workload, estate.site(name), lost=lost, loads=loads or {})
        if not found:
            return Placement(name, tuple(reasons))
        reasons.extend(found)
    return Placement("", tuple(reasons))


def loads_of(
    estate: Estate, active: Mapping[str, str], *, without: frozenset[str] = frozenset()
) -> dict[str, Load]:
    """What every cluster carries when each workload runs where ``active`` says, else at home.

    ``without`` names workloads that are about to leave; one that runs on hosts asks for nothing.
    """
    loads = {site.name: Load() for site in estate.sites}
    for workload in estate.workloads:
        site = estate.site(active.get(workload.name, workload.home))
        if workload.name not in without and not workload.hosts_at(site):
            loads[site.name] = loads[site.name].plus(workload)
    return loads


def _refusals(
    estate: Estate,
    workload: Workload,
    site: Site,
    *,
    lost: frozenset[str],
    loads: Mapping[str, Load],
) -> tuple[Refusal, ...]:
    found: list[Refusal] = []

    def refuse(obstacle: Obstacle, zh: str, en: str) -> None:
        found.append(Refusal(site.name, obstacle, zh, en))

    burnt = {estate.site(name).failure_domain for name in lost}
    if site.name in lost:
        refuse(Obstacle.LOST, "站点失联", "site is lost")
    elif site.failure_domain in burnt:
        refuse(
            Obstacle.FAILURE_DOMAIN,
            f"与失联站点同处故障域 {site.failure_domain}",
            f"shares failure domain {site.failure_domain} with a lost site",
        )
    hosts = workload.hosts_at(site)
    if not hosts and not set(workload.architectures) & set(site.architectures):
        built, has = ", ".join(workload.architectures), ", ".join(site.architectures)
        refuse(
            Obstacle.ARCHITECTURE,
            f"镜像架构 {built}，站点为 {has}",
            f"built for {built}, site has {has}",
        )
    if workload.data_level >= RESIDENT_FROM_LEVEL and site.country != RESIDENCE:
        refuse(
            Obstacle.RESIDENCY,
            f"数据级别 {workload.data_level} 不得出境，站点位于 {site.country}",
            f"data level {workload.data_level} stays in {RESIDENCE}, site is in {site.country}",
        )
    if workload.zone not in site.zones:
        refuse(
            Obstacle.ZONE,
            f"站点没有网络区域 {workload.zone}",
            f"site has no zone {workload.zone}",
        )
    after = loads.get(site.name, Load()).plus(workload)
    full = after.millicores > site.capacity_millicores or after.mebibytes > site.capacity_mebibytes
    if full and not hosts:
        refuse(
            Obstacle.CAPACITY,
            f"容量不足：需 {after.millicores}m / {after.mebibytes}Mi，"
            f"站点有 {site.capacity_millicores}m / {site.capacity_mebibytes}Mi",
            f"needs {after.millicores}m / {after.mebibytes}Mi in all, "
            f"site has {site.capacity_millicores}m / {site.capacity_mebibytes}Mi",
        )
    return tuple(found)
