"""The clients of the demo and what is made of their journals.

Two counters work on the hospital: one at the desk outside all sites, one inside the site that
will be lost. What they wrote down is compared with what the hospital holds afterwards, read back
over HTTP as a user would read it. A write that was acknowledged and is not there is lost.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hospital.errors import UnavailableError
from hospital.estate import Estate
from hospital.report import Client, calls_of
from lab import root
from lab.engine import environment
from lab.journal import read_journal
from lab.places import CHECKOUT, Places
from providers.access import Access
from providers.dns import DnsNames

LISTS = {"his": ("/patients", "/orders")}  # where a workload's rows are read back
PAGE_TIMEOUT = 20.0  # seconds for one page of a thousand rows


@dataclass(slots=True)
class Counters:
    """The running clients and their journals."""

    estate: Estate
    places: Places
    journals: Path  # directory
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_outside(self) -> None:
        """A client at the desk."""
        line = root.at_desk(self._command("outside", self.journals / "outside.jsonl"), self.places)
        self._start("outside", line, environment(self.places, identity="counter"))

    def start_inside(self, site: str) -> None:
        """A client inside ``site``; its journal lies where it can be read after the fire."""
        inner = Path("/var/log/xinglin/counter.jsonl")
        command = (
            "env",
            "XINGLIN_ACCESS=/etc/xinglin/counter",
            *self._command("inside", inner),
            "--inside",
            site,
        )
        self._start("inside", root.inside(site, command, self.places), dict(os.environ))

    def stop(self) -> None:
        """End the clients; what is under way is finished or written down as failed."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            if process.poll() is None:
                process.kill()
                process.wait()
        self._processes.clear()

    def lines(self, name: str, site: str = "") -> tuple[dict[str, Any], ...]:
        """The journal of a client so far."""
        path = self.journals / f"{name}.jsonl"
        if site:
            path = self.places.logs(site) / "counter.jsonl"
        return read_journal(path) if path.exists() else ()

    def clients(self, site: str) -> tuple[Client, ...]:
        """Both clients as the report wants them."""
        return (
            Client("outside", "", calls_of(self.lines("outside"))),
            Client("inside", site, calls_of(self.lines("inside", site))),
        )

    def answering(self, *, since: float) -> frozenset[str]:
        """Workloads that acknowledged a write after ``since`` (epoch seconds)."""
        return frozenset(
            line["workload"]
            for line in self.lines("outside")
            if line["event"] == "acknowledged" and line["at"] - line["seconds"] >= since
        )

    def _command(self, name: str, journal: Path) -> tuple[str, ...]:
        options = ("--estate", self.estate.source, "--journal", str(journal), "--name", name)
        return (sys.executable, "-m", "lab.counter", *options)

    def _start(self, name: str, command: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self._processes[name] = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.journals / f"{name}.err").open("wb"),
        )


def wait_answering(counters: Counters, *, since: float, patience: float) -> None:
    """Until every workload of the estate acknowledged a write after ``since``."""
    wanted = {workload.name for workload in counters.estate.workloads}
    deadline = time.monotonic() + patience
    while missing := wanted - counters.answering(since=since):
        if time.monotonic() > deadline:
            raise UnavailableError(
                ", ".join(sorted(missing)), f"no write taken in {patience:.0f} s"
            )
        time.sleep(0.5)


def absent(
    estate: Estate, access: Access, clients: tuple[Client, ...]
) -> dict[str, frozenset[str]]:
    """Workload → acknowledged keys that the hospital does not hold now."""
    found: dict[str, frozenset[str]] = {}
    for workload in estate.workloads:
        promised = {
            call.key
            for client in clients
            for call in client.calls
            if call.workload == workload.name and call.acknowledged
        }
        if promised:
            found[workload.name] = frozenset(promised - _keys(estate, access, workload.name))
    return found


def _keys(estate: Estate, access: Access, workload: str) -> set[str]:
    """Every key that a workload holds, page by page."""
    names = DnsNames(estate.domain, access)
    host = estate.host_name(workload)
    server = next(site.endpoints.dns for site in estate.sites if _answers(names, host, site))
    address = names.answer(host, server=server)
    with httpx.Client(verify=access.tls(), timeout=PAGE_TIMEOUT) as client:
        return {
            str(row["key"])
            for path in LISTS.get(workload, ("/records",))
            for row in _rows(client, f"https://{address}{path}", host)
        }


def _rows(client: httpx.Client, url: str, host: str) -> Iterator[Mapping[str, Any]]:
    after = 0
    while True:
        response = client.get(
            url,
            params={"after": after},
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )
        response.raise_for_status()
        rows = response.json()["rows"]
        if not rows:
            return
        yield from rows
        after = int(rows[-1]["id"])


def _answers(names: DnsNames, host: str, site: Any) -> bool:
    with suppress(UnavailableError):
        return bool(names.answer(host, server=site.endpoints.dns))
    return False
