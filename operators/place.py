"""Place: every site runs what is recorded to run there, and its DNS server answers so.

Each operator keeps its own site, so that a site that returns corrects itself before anything
else, and no site waits for another. A workload that a story is moving is left to the story. What
must never happen: a correction from stale knowledge. So places are read from the hub at every
round by a quorum read, after what is to be corrected, and a site without quorum corrects nothing.

The leader also writes the status of Sites, Workloads and RecoveryPlans, and has evidence copied.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from hospital.custody import moving
from hospital.errors import HospitalError
from hospital.estate import Estate, Workload
from hospital.steps import Withdrawal, left_withdrawn
from hospital.story import Action
from operators.status import Status, plan_status, site_status, stamped, workload_status
from providers.conductor import TERMINAL
from providers.hands import Hands
from providers.watch import Watch

LOG = logging.getLogger("xinglin")


class Place:
    """What one operator corrects at its own site, and the status that a leader writes."""

    def __init__(
        self, site: str, *, hands: Hands, watch: Watch, today: Callable[[], float]
    ) -> None:
        self._site = site
        self._hands = hands
        self._watch = watch
        self._today = today
        self._written: dict[tuple[str, str], Status] = {}
        self._lifted: set[Withdrawal] = set()  # not asked for again: a later fence is a person's

    def correct(self, estate: Estate) -> tuple[str, ...]:
        """Make this site's replicas and DNS answers equal to the record; what was corrected.

        One workload's trouble does not keep the others from being corrected; the first of them
        is raised at the end.
        """
        here = estate.served_at(self._site)
        replicas = {
            each.workload: each.replicas
            for each in self._hands.workloads.survey(here, site=self._site)
        }
        # Read after the survey, which may take seconds: what a story that began meanwhile has
        # started is seen to be moving, and is not taken for a stray.
        hub = self._hands.hub
        active = hub.active_sites()
        busy = _moving(estate, hub.actions()) | moving(hub.migrations())
        placed = active.keys() - busy
        settled = [each for each in estate.workloads if each.name in placed]
        done: list[str] = []
        trouble: list[HospitalError] = []
        for workload in settled:
            try:
                done += self._correct_replicas(workload, active[workload.name], replicas)
                done += self._correct_name(estate, workload, active[workload.name])
            except HospitalError as error:
                trouble.append(error)
        for line in done:
            LOG.info("place: %s", line)
        if trouble:
            raise trouble[0]
        return tuple(done)

    def record_primaries(self, estate: Estate) -> None:
        """Leader only: record the primary that consensus chose while no story was being told."""
        hub = self._hands.hub
        if any(action.phase not in TERMINAL for action in hub.actions()):
            return
        active = hub.active_sites()
        for database in estate.databases:
            seen = self._watch.observe(database)
            subject = f"database/{database.name}"
            if seen.writable and seen.writable == seen.leader != active.get(subject):
                hub.set_active(subject=subject, site=seen.leader)

    def lift_withdrawals(self, estate: Estate) -> None:
        """Leader only: let every member receive again that a finished story left withdrawn.

        A candidate that was dark when its story ended comes back with the withdrawal in force,
        and would never follow the new primary. Fences that people set by playbook stay.
        """
        actions = self._hands.hub.actions()
        if any(action.phase not in TERMINAL for action in actions):
            return
        hands = self._hands.databases
        for left in {each for action in actions for each in left_withdrawn(action)} - self._lifted:
            try:
                database = estate.database(estate.plan(left.plan).database)
                candidate, other = estate.host(left.candidate), estate.host(left.source)
                if hands.withdrawn(database, candidate=candidate, from_host=other):
                    hands.restore(database, candidate=candidate, from_host=other)
                    LOG.info("%s may receive from %s again", candidate.id, other.id)
                self._lifted.add(left)
            except HospitalError as error:
                LOG.debug("withdrawal on %s: %s", left.candidate, error)

    def copy_evidence(self) -> tuple[str, ...]:
        """Leader only: copy what was recorded to where it survives the hub; what was copied.

        Not while a story is being told: it needs the hub and the network more.
        """
        if any(action.phase not in TERMINAL for action in self._hands.hub.actions()):
            return ()
        done = self._hands.archive.copy()
        for line in done:
            LOG.info("evidence: copied %s", line)
        return done

    def tell(self, estate: Estate) -> None:
        """Leader only: write every status that changed."""
        hub = self._hands.hub
        active, actions = hub.active_sites(), hub.actions()
        counted = self._watch.count(estate)
        seen = self._watch.seen(estate)
        for site in estate.sites:
            self._write("Site", site.name, site_status(site, seen=seen))
        for workload in estate.workloads:
            place = active.get(workload.name, workload.home)
            status = workload_status(workload, active=place, seen=counted)
            self._write("Workload", workload.name, status)
        for plan in estate.plans:
            status = plan_status(estate, plan, active=active, seen=seen, actions=actions)
            self._write("RecoveryPlan", plan.name, status)

    def _correct_replicas(
        self, workload: Workload, active: str, replicas: Mapping[str, int]
    ) -> list[str]:
        wanted = workload.replicas if active == self._site else 0
        seen = replicas.get(workload.name, wanted)
        if seen == wanted:
            return []
        self._hands.workloads.scale(workload, site=self._site, replicas=wanted)
        return [f"{workload.name}: {seen} → {wanted} replicas"]

    def _correct_name(self, estate: Estate, workload: Workload, active: str) -> list[str]:
        server = estate.site(self._site).endpoints.dns
        if not server:
            return []
        name, address = estate.host_name(workload.name), estate.site(active).endpoints.ingress
        if self._hands.names.answer(name, server=server) == address:
            return []
        self._hands.names.point(name, address=address, servers=[server])
        return [f"{name} answers {address} at {server}"]

    def _write(self, kind: str, name: str, status: Status) -> None:
        before = self._written.get((kind, name))
        after = stamped(status, before=before, today=self._today())
        if after != before:
            self._hands.hub.set_status(kind, name, status=after)
            self._written[kind, name] = after


def _moving(estate: Estate, actions: tuple[Action, ...]) -> frozenset[str]:
    """Workloads that an unfinished story may be moving."""
    plans: Mapping[str, tuple[str, ...]] = {plan.name: plan.workloads for plan in estate.plans}
    running = (action for action in actions if action.phase not in TERMINAL)
    return frozenset(name for action in running for name in plans.get(action.plan, ()))
