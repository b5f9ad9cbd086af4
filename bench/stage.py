"""The stage of the recovery benchmarks: the lab, its faults, and who is on duty.

Ours means that the operators of all three sites run, as in production, and nothing else acts.
A peer means that they are stopped and Patroni is alone, with the timing that is asked for, on the
same machines in the same minute. Every fault is undone, and home is home again, before the next.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench import declaration as declarations
from console.desk import DECLARATION
from hospital.errors import HospitalError, UnavailableError
from hospital.estate import Database, Estate, Host, Replication
from hospital.story import Action, ActionKind, ActionPhase
from lab import engine, power, root
from lab.network import networks, site_plug
from lab.places import Places
from providers.access import Access
from providers.conductor import TERMINAL
from providers.https import answers, client
from providers.hub import Hub
from providers.kubernetes import Cluster
from providers.patroni import REST_PORT
from providers.postgres import PostgresHands
from stacks.estate import read_estate

PATIENCE = 240.0  # seconds for a lost member to rejoin; measured 7 to 21, on a busy machine more
SETTLE = 3.0  # seconds of quiet before a fault: several loops of Patroni and of the operators


@dataclass(frozen=True, slots=True)
class Timing:
    """Patroni's ``ttl``, ``loop_wait`` and ``retry_timeout``, seconds."""

    ttl: int
    loop_wait: int
    retry_timeout: int


DEFAULT = Timing(30, 10, 10)
FASTEST = Timing(20, 1, 3)  # the least that Patroni accepts; what our playbooks set


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty: our operators or nobody, and Patroni's timing."""

    name: str
    operators: bool
    timing: Timing


OURS = Duty("ours", operators=True, timing=FASTEST)
ALONE_FASTEST = Duty("patroni_fastest", operators=False, timing=FASTEST)
ALONE_DEFAULT = Duty("patroni_default", operators=False, timing=DEFAULT)


class Stage:
    """A running lab on which the stack is up; this process is in the lab's network."""

    def __init__(self, estate: Estate, places: Places) -> None:
        self.estate = estate
        self.places = places
        self.home: Host = estate.host(self.database.members[0])
        self._observer = next(  # a site that is never lost here, and holds no member
            site.name
            for site in estate.sites
            if not any(host.id in self.database.members for host in site.hosts)
        )
        self._timing: Timing | None = None
        self._access = Access(places.access(f"operator-{self._observer}"))
        self.hands = PostgresHands(
            estate, self._access, site=self._observer, timeout=timedelta(seconds=2)
        )

    @property
    def database(self) -> Database:
        """The database as it is declared now."""
        return self.estate.databases[0]

    def declare(self, *, asynchronous: bool) -> None:
        """Have the database declared as synchronous or not, by ``pulumi up`` as anybody would."""
        replication = Replication.ASYNCHRONOUS if asynchronous else Replication.SYNCHRONOUS
        if self.database.replication is replication:
            return
        declaration = DECLARATION
        if asynchronous:
            to = self.places.lab / "asynchronous.yaml"
            declaration = declarations.asynchronous(DECLARATION, to)
        words = ("--yes", "--skip-preview", "--suppress-progress")
        engine.pulumi(self.places, "up", *words, *engine.declared(self.places, declaration))
        self.estate = read_estate(declaration)
        self.wait(self.whole, "the database is not whole")

    def take_duty(self, duty: Duty) -> None:
        """Set Patroni's timing, then start or stop the operators everywhere."""
        if duty.timing != self._timing:
            self._set_timing(duty.timing)
            self._timing = duty.timing
        verb = "start" if duty.operators else "stop"
        for site in self.estate.sites:
            self._in(site.name, "supervisorctl", verb, "operator")
        if duty.operators:
            self.wait(self._led, "no operator leads")
        time.sleep(SETTLE)

    def kill_host(self, duty: Duty) -> None:
        """Kill every process of the primary's host at once; its BMC goes on answering."""
        first = root.first_process(self.places, self.home.id)
        if first is None:
            raise UnavailableError(self.home.id, "is off already")
        subprocess.run(["kill", "-KILL", str(first)], check=True)

    def kill_site(self, duty: Duty) -> None:
        """Kill every process of the home site at once, BMCs, store and operator included."""
        power.off(self.home.site, places=self.places)

    def cut_site(self, duty: Duty) -> None:
        """Cut the home site's cable: everything in it lives on, alone."""
        self._cable("down")

    def move_away(self, duty: Duty) -> None:
        """Planned: by a RecoveryAction of ours, or by Patroni's own switchover."""
        target = self.estate.host(next(n for n in self.database.members if n != self.home.id))
        if duty.operators:
            self._ask(ActionKind.SWITCHOVER, target=target.site)
        else:
            self._switch_alone(target)

    def mend(self, duty: Duty) -> None:
        """Undo whatever fault there is; returns when both members are in and home is home."""
        self._cable("up")
        power.on(self.home.site, places=self.places)
        self.wait(lambda: root.first_process(self.places, self.home.site) is not None, "no power")
        if not duty.operators:  # it starts with its site, but is not on duty
            self._in(self.home.site, "supervisorctl", "stop", "operator")
        self._in(self.home.site, "supervisorctl", "start", f"host-{self.home.id}")
        self.wait(self.whole, "the database is not whole")

    def go_home(self, duty: Duty) -> None:
        """Bring the primary home: by our own failback, or by Patroni's switchover."""
        if self.hands.observe(self.database).leader != self.home.id:
            if duty.operators:
                self._ask(ActionKind.FAILBACK)
            else:
                self._switch_alone(self.home)
        self.wait(self.whole, "the database is not whole")

    def whole(self) -> bool:
        """Whether one member is writable and every other one streams from it as declared."""
        seen = self.hands.observe(self.database)
        if not seen.leader or seen.writable != seen.leader:
            return False
        synchronous = self.database.replication is Replication.SYNCHRONOUS
        wanted = "sync" if synchronous else "async"
        others = set(self.database.members) - {seen.leader}
        if set(seen.synchronous) != (others if synchronous else set()):
            return False
        streams = {
            one["application_name"]: one["sync_state"]
            for one in self._patroni(seen.leader, "/patroni").get("replication", ())
            if one["state"] == "streaming"
        }
        return all(streams.get(name) == wanted for name in others)

    def settled(self) -> None:
        """Wait until every action of ours has ended."""
        self.wait(
            lambda: all(action.phase in TERMINAL for action in self._hub().actions()),
            "an action has not ended",
        )

    def wait(self, true: Callable[[], bool], trouble: str) -> None:
        """Poll five times a second; UnavailableError with ``trouble`` after ``PATIENCE``."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if true():
                    return
            except HospitalError:
                pass  # something is still on its way up
            time.sleep(0.2)
        raise UnavailableError("bench", f"{trouble} after {PATIENCE:.0f} s")

    def inside_home(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """``command`` in the home site's network and life, with our files: it burns with it."""
        first = root.first_process(self.places, self.home.site)
        return ("nsenter", "--target", str(first), "--net", "--pid", "--", *command)

    def close(self) -> None:
        """Give up every connection."""
        self.hands.close()

    def _switch_alone(self, target: Host) -> None:
        """Patroni's own switchover, asked of the leader as `patronictl` does, and nothing else."""
        leader = self.hands.observe(self.database).leader
        content = {"leader": leader, "candidate": target.id}
        self._patroni(leader, "/switchover", send=content, timeout=PATIENCE)

    def _ask(self, kind: ActionKind, *, target: str = "") -> None:
        """Ask the operators for a planned move, and wait until it is complete."""
        hub, now = self._hub(), time.time()
        plan = next(one for one in self.estate.plans if one.database == self.database.name)
        name = f"bench-{kind}-{int(now)}"
        hub.create_action(
            Action(
                name=name,
                plan=plan.name,
                kind=kind,
                target=target,
                reason="benchmark",
                requested_by="sre",
                requested_at=now,
            )
        )
        self.wait(lambda: self._phase(name) is ActionPhase.COMPLETED, f"{name} did not end")

    def _phase(self, name: str) -> ActionPhase:
        return next(one.phase for one in self._hub().actions() if one.name == name)

    def _hub(self) -> Hub:
        endpoint = self.estate.site(self._observer).endpoints.hub
        return Hub(Cluster(endpoint, Access(self.places.access("sre"))), identity="xinglin")

    def _led(self) -> bool:
        now = time.time()
        leader = [lease for lease in self._hub().leases() if lease.name == "leader"]
        return any(one.holder and now - one.renewed < one.duration_seconds for one in leader)

    def _set_timing(self, timing: Timing) -> None:
        self.wait(lambda: self.hands.observe(self.database).leader != "", "nobody leads")
        leader = self.hands.observe(self.database).leader
        content = {
            "ttl": timing.ttl,
            "loop_wait": timing.loop_wait,
            "retry_timeout": timing.retry_timeout,
        }
        self._patroni(leader, "/config", send=content, method="PATCH")
        time.sleep(DEFAULT.loop_wait + 1)  # every member reads it in its next loop

    def _patroni(
        self,
        member: str,
        path: str,
        *,
        send: Mapping[str, Any] | None = None,
        method: str = "POST",
        timeout: float = 5.0,
    ) -> dict[str, Any]:
        """Ask a member's Patroni, or send it something; empty where it answers in words."""
        secret = self._access.document("database.json")["patroni"]
        url = f"https://{self.estate.host(member).address}:{REST_PORT}"
        auth = (secret["user"], secret["password"])
        with (
            answers(url),
            client(url, self._access, timeout=timedelta(seconds=timeout), auth=auth) as http,
        ):
            response = http.get(path) if send is None else http.request(method, path, json=send)
            response.raise_for_status()
            words = not response.headers.get("content-type", "").startswith("application/json")
            found: dict[str, Any] = {} if words else response.json()
        return found

    def _cable(self, state: str) -> None:
        plug = site_plug(networks(self.estate)[self.home.site])
        subprocess.run(["ip", "link", "set", plug.peer, state], check=False, capture_output=True)

    def _in(self, machine: str, *command: str) -> None:
        line = root.inside(machine, command, self.places)
        subprocess.run(line, check=False, capture_output=True)
