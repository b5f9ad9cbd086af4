"""The outpatient counter: a client that never stops, and remembers what it was promised.

It finds every workload by DNS, talks HTTPS to whatever answers there, writes orders without
pause and, at an interval, asks all workloads whether they take a write. Every attempt and every
acknowledgement is a line in its journal (``lab/journal.py``), from which RTO and lost writes are
counted. It repeats a write under the same key until it is acknowledged: it may never count
a write as acknowledged that was not answered with 201, nor drop one that was.

A second counter can sit inside the site to be lost (``--inside SITE``): it asks only that
site's own DNS server, and so goes on talking to a site that the others have given up.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.estate import Estate
from lab.journal import Journal
from lab.names import Names
from providers.access import Access
from stacks.estate import read_estate

ORDERS_PER_SECOND = 25.0
PROBE_SECONDS = 0.5  # between two questions to one workload
RETRY_SECONDS = 0.05
ORDERS_PER_PATIENT = 10
CONNECT_TIMEOUT, ANSWER_TIMEOUT = 0.5, 1.5  # seconds; a person at a counter gives up later
HIS = "his"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a workload said: the status, its JSON body, and which site spoke."""

    status: int
    body: dict[str, Any]
    site: str


class Caller:
    """HTTPS to one workload, wherever its name points now."""

    def __init__(
        self, workload: str, *, host: str, names: Names, transport: httpx.AsyncBaseTransport
    ) -> None:
        self.workload = workload
        self._host = host
        self._names = names
        timeout = httpx.Timeout(ANSWER_TIMEOUT, connect=CONNECT_TIMEOUT)
        # Connections go to an address, so the host name is given to TLS and HTTP by hand.
        self._client = httpx.AsyncClient(transport=transport, timeout=timeout)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """One request; RefusedError if it judged the content, UnavailableError at anything else."""
        address = await self._names.find(self._host)
        try:
            response = await self._client.request(
                method,
                f"https://{address}{path}",
                json=body,
                headers={"Host": self._host},
                extensions={"sni_hostname": self._host},
            )
        except httpx.HTTPError as error:
            self._names.forget(self._host)
            raise UnavailableError(address, f"{type(error).__name__} {error}".strip()) from error
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise RefusedError(address, f"answered 422 to {method} {path}")
        if not response.is_success:
            self._names.forget(self._host)
            raise UnavailableError(address, f"answered {response.status_code}")
        site = response.headers.get("X-Xinglin-Site", "")
        return Answer(response.status_code, _json(response), site)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise UnavailableError(str(response.url), "answered with something else than JSON")
    return body


@dataclass(slots=True)
class Counter:
    """One client and what it needs; ``run`` ends when ``stopping`` is set."""

    name: str
    estate: Estate
    journal: Journal
    names: Names
    transport: Callable[[], httpx.AsyncBaseTransport]
    orders_per_second: float = ORDERS_PER_SECOND
    probe_seconds: float = PROBE_SECONDS
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _run: str = field(default_factory=lambda: f"{time.time_ns() // 1_000_000:x}")
    _made: int = 0

    async def run(self) -> None:
        """Work until told to stop; what is under way then is finished or given up as failed."""
        workloads = [workload.name for workload in self.estate.workloads]
        self.journal.write("start", counter=self.name, run=self._run, workloads=workloads)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_orders())
            for workload in workloads:
                tasks.create_task(self._probe(workload))
        self.journal.write("stop", counter=self.name, run=self._run)

    def caller(self, workload: str) -> Caller:
        """A new client for one workload."""
        host = self.estate.host_name(workload)
        return Caller(workload, host=host, names=self.names, transport=self.transport())

    async def _write_orders(self) -> None:
        """Patients and their orders, one after the other, and every tenth order read back."""
        caller, patient, pace = self.caller(HIS), 0, 1 / self.orders_per_second
        due = time.monotonic()
        for number in itertools.count():
            if not patient or number % ORDERS_PER_PATIENT == 0:
                patient = await self._insist(caller, "patient", {"name": f"患者 {number}"})
            content = {"patient_id": patient, "item": f"化验 {number}"}
            order = await self._insist(caller, "order", content) if patient else 0
            if order and number % ORDERS_PER_PATIENT == 0:
                await self._read_back(caller, order, content)
            if not order:
                patient = 0  # refused: a failover may have lost the patient, register another
            due = max(due + pace, time.monotonic() - pace)
            await self._pause(due - time.monotonic())
            if self.stopping.is_set():
                break
        await caller.close()

    async def _insist(self, caller: Caller, operation: str, content: dict[str, Any]) -> int:
        """Write once, however often it must be asked; the id, or 0 when stopped or refused."""
        self._made += 1
        key = f"{self.name}-{self._run}-{self._made}"
        while not self.stopping.is_set():
            try:
                return await self._attempt(caller, operation, {**content, "key": key})
            except UnavailableError:
                await self._pause(RETRY_SECONDS)
            except RefusedError:
                return 0
        return 0

    async def _attempt(self, caller: Caller, operation: str, body: dict[str, Any]) -> int:
        facts = {"workload": caller.workload, "operation": operation, "key": body["key"]}
        self.journal.write("attempt", **facts)
        began = time.monotonic()
        try:
            answer = await caller.call("POST", f"/{operation}s", body)
            identifier = _acknowledged(answer)
        except HospitalError as error:
            event = "refused" if isinstance(error, RefusedError) else "failed"
            self.journal.write(event, **facts, seconds=time.monotonic() - began, error=str(error))
            raise
        self.journal.write(
            "acknowledged",
            **facts,
            id=identifier,
            site=answer.site,
            seconds=time.monotonic() - began,
            content={name: value for name, value in body.items() if name != "key"},
        )
        return identifier

    async def _read_back(self, caller: Caller, order: int, content: dict[str, Any]) -> None:
        facts = {"workload": caller.workload, "operation": "order", "id": order}
        try:
            answer = await caller.call("GET", f"/orders/{order}")
        except HospitalError as error:
            self.journal.write("unread", **facts, error=str(error))
            return
        same = all(answer.body.get(name) == value for name, value in content.items())
        self.journal.write("read", **facts, same=same, site=answer.site)

    async def _probe(self, workload: str) -> None:
        """Is it ready, and does it take a write? The first answer after an outage is its RTO."""
        caller = self.caller(workload)
        operation = "patient" if workload == HIS else "record"
        content = {"name": "探针 probe"} if workload == HIS else {"body": "探针 probe"}
        while not self.stopping.is_set():
            await self._ask_ready(caller)
            await self._insist(caller, operation, content)
            await self._pause(self.probe_seconds)
        await caller.close()

    async def _ask_ready(self, caller: Caller) -> None:
        facts = {"workload": caller.workload}
        try:
            answer = await caller.call("GET", "/readyz")
        except HospitalError as error:
            self.journal.write("unready", **facts, error=str(error))
            return
        self.journal.write("ready", **facts, site=answer.site)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return


def _acknowledged(answer: Answer) -> int:
    identifier = answer.body.get("id")
    if answer.status != httpx.codes.CREATED or not isinstance(identifier, int):
        raise UnavailableError(answer.site, f"answered {answer.status} without an id")
    return identifier


def name_servers(estate: Estate, *, inside: str = "") -> tuple[str, ...]:
    """The DNS servers a client asks: every site's, or only its own when it sits inside one."""
    sites = (estate.site(inside),) if inside else estate.sites
    return tuple(site.endpoints.dns for site in sites)


async def work(options: argparse.Namespace) -> None:
    """Run one counter until SIGTERM or SIGINT."""
    estate = read_estate(options.estate)
    with Journal(options.journal) as journal:
        counter = Counter(
            name=options.name,
            estate=estate,
            journal=journal,
            names=Names(name_servers(estate, inside=options.inside)),
            transport=_https(Access.from_environment()),
            orders_per_second=options.rate,
            probe_seconds=options.probe,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, counter.stopping.set)
        await counter.run()


def _https(access: Access) -> Callable[[], httpx.AsyncBaseTransport]:
    tls = access.tls()
    return lambda: httpx.AsyncHTTPTransport(verify=tls)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line of ``python -m lab.counter``."""
    parser = argparse.ArgumentParser(prog="python -m lab.counter", description=__doc__)
    parser.add_argument("--estate", type=Path, required=True, help="the declaration")
    parser.add_argument("--journal", type=Path, required=True, help="JSON lines are appended here")
    parser.add_argument("--inside", default="", metavar="SITE", help="sit inside this site")
    parser.add_argument("--name", default="counter", help="prefix of all keys; one per client")
    parser.add_argument("--rate", type=float, default=ORDERS_PER_SECOND, help="orders a second")
    parser.add_argument("--probe", type=float, default=PROBE_SECONDS, help="seconds between probes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(work(options()))
