"""Starting and ending the lab, completely or not at all.

``up`` either ends with everything ready or takes down what it began, also after Ctrl-C.
``down`` leaves no process, mount, namespace, control group or registration behind, and
works on whatever it finds, half a lab included.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Site
from lab import (
    access,
    cluster,
    control_groups,
    emulation,
    health,
    plane,
    power,
    preflight,
    root,
    sites,
    toolchain,
)
from lab.network import networks
from lab.places import CHECKOUT, Places
from stacks.estate import read_estate

ESTATE = CHECKOUT / "stacks" / "estates" / "lab.yaml"
START = 300.0  # seconds for any one part; all of a warm start on idle cores takes 30
STALLED = 100.0  # seconds; a node that is not ready by then is started again, emulation may hang
KILLED_WITHIN = 15.0  # seconds; the kernel ends some hundred processes in well under one

Say = Callable[[str], None]


@dataclass(slots=True)
class Timing:
    """What was done and how long it took."""

    step: str
    seconds: float


class Steps:
    """Tells of each step as it ends, with the seconds it took."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._began = time.monotonic()
        self.timings: list[Timing] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Say]:
        """One step; what is said inside is told with the time since the lab's start began."""
        began = time.monotonic()
        self.say(f"… {title}")
        yield self.say
        seconds = time.monotonic() - began
        self.timings.append(Timing(title, seconds))
        self.say(f"✓ {title} ({seconds:.1f} s)")

    def say(self, text: str) -> None:
        """Tell a line with the time since the beginning."""
        self._say(f"{time.monotonic() - self._began:6.1f} s  {text}")


def up(
    *, estate_file: Path = ESTATE, places: Places | None = None, say: Say = print
) -> tuple[Timing, ...]:
    """Start the lab and wait until all of it is ready; does nothing if it runs and is ready.

    Whatever goes wrong, what was begun is taken down before the error leaves.
    """
    places = places or Places.from_environment()
    estate = read_estate(estate_file)
    steps = Steps(say)
    with _alone(places), _termination_is_interruption():
        if root.first_process(places) is not None:
            _return(estate, places, steps)
            return tuple(steps.timings)
        try:
            _begin(estate, places, steps)
        except BaseException:
            steps.say(f"the start did not succeed: taking it down, logs are in {_keep(places)}")
            down(places=places, say=say)
            raise
    return tuple(steps.timings)


def down(*, places: Places | None = None, say: Say = print) -> None:
    """End the lab and remove everything that it made outside the cache."""
    places = places or Places.from_environment()
    steps = Steps(say)
    with steps.step("end every process"):
        _kill(places)
    with steps.step("remove the lab's state"):
        _remove(places)


def status(*, estate_file: Path = ESTATE, places: Places | None = None) -> health.LabHealth:
    """The lab as it is now, asked part by part."""
    return health.status(read_estate(estate_file), places=places)


def _begin(estate: Estate, places: Places, steps: Steps) -> None:
    if places.lab.exists():
        with steps.step("remove what an earlier lab left"):
            _kill(places)
            _remove(places)
    with steps.step("look at the machine"):
        able = preflight.examine(estate)
        for line in able.lines:
            steps.say(f"  {line}")
    with steps.step("programs and images"):
        toolchain.ensure(places, steps.say, foreign=able.foreign)
    with steps.step("credentials and disks"):
        _install(estate, places, able)
    with steps.step("machines"):
        process = root.start(places)
        _first_process(places, process.poll)
        places.init_pid.write_text(f"{root.running(places)}\n", encoding="ascii")
    _set_up(estate, places, steps)


def _install(estate: Estate, places: Places, able: preflight.Ability) -> None:
    if able.emulation_needed:
        emulation.register()
    credentials = access.issue(estate, places)
    hub = plane.Shared.create()
    for one in estate.sites:
        sites.install(
            one,
            estate=estate,
            places=places,
            credentials=credentials,
            hub=hub,
            real_node=one.name in able.real_nodes,
        )
    root.install(estate, networks(estate), places)


def _set_up(estate: Estate, places: Places, steps: Steps) -> None:
    """Wait for every part; rights and kinds as soon as the API servers answer."""
    with health.Desk(places) as desk:
        with steps.step("control planes and the hub"):
            for one in estate.sites:
                for url in (one.endpoints.kubernetes, one.endpoints.hub):
                    asked = partial(_still, places, partial(desk.ask, partial(_ready, url=url)))
                    wait_until(asked, seconds=START, what=url)
        with steps.step("rights, kinds and simulated nodes"), ThreadPoolExecutor() as pool:
            hub = pool.submit(cluster.set_up_hub, estate.sites[0].endpoints.hub, places)
            own = [pool.submit(cluster.set_up_site, one, places) for one in estate.sites]
            for future in (hub, *own):
                future.result()
        with steps.step("nodes, hosts, names and BMCs") as say:
            _wait_for_all(estate, places, desk, say)


def _still(places: Places, condition: Callable[[], bool]) -> bool:
    """The condition, as long as nobody takes the lab down while it starts."""
    if not places.init_pid.exists():
        raise RefusedError(str(places.lab), "was taken down while it was starting")
    return condition()


def _ready(client: httpx.Client, *, url: str) -> bool:
    return cluster.ready(client, url)


def _wait_for_all(estate: Estate, places: Places, desk: health.Desk, say: Say) -> None:
    for one in estate.sites:
        seen: list[health.SiteHealth] = []
        stalls = Stalls(partial(restart_node, one.name, places), say)

        def whole(
            one: Site = one, seen: list[health.SiteHealth] = seen, stalls: Stalls = stalls
        ) -> bool:
            seen[:] = [desk.site(one, operator=False)]
            stalls.look(seen[0].nodes)
            return _still(places, lambda: not seen[0].missing())

        try:
            wait_until(whole, seconds=START, what=one.name)
        except UnavailableError as error:
            lacking = ", ".join(seen[0].missing()) if seen else "everything"
            raise UnavailableError(
                one.name, f"not ready within {START:.0f} s: {lacking}"
            ) from error


class Stalls:
    """Has the programs of a site's real node started again each time that it stalls."""

    def __init__(
        self, again: Callable[[], None], say: Say, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._again, self._say, self._now = again, say, now
        self._since = now()

    def look(self, nodes: tuple[health.NodeHealth, ...]) -> None:
        """Ask for a new start if the node has been in trouble for ``STALLED`` seconds."""
        troubles = [one for one in nodes if one.kind != health.SIMULATED and one.trouble]
        if not troubles:
            self._since = self._now()
        elif self._now() - self._since >= STALLED:
            self._say(f"! {troubles[0].name} stalls ({troubles[0].trouble}): starting it again")
            self._again()
            self._since = self._now()


def restart_node(site: str, places: Places) -> None:
    """Stop and start what runs the site's real node; its pods live on."""
    machine = root.supervisor(places, site)
    for program in ("kubelet", "containerd"):
        machine.stop(program)
    for program in ("containerd", "kubelet"):
        machine.start(program)


def _return(estate: Estate, places: Places, steps: Steps) -> None:
    """The lab runs: give back power to what was taken away, and complete what is missing."""
    with steps.step("power on every machine"):
        for one in estate.sites:
            power.on(one.name, places=places)
        for one in estate.sites:
            for host in one.hosts:
                wait_until(
                    partial(_host_on, one.name, host.id, places), seconds=START, what=host.id
                )
    _set_up(estate, places, steps)


def _host_on(site: str, host: str, places: Places) -> bool:
    root.supervisor(places, site).start(sites.host_program(host), wait=False)
    return True


def _remove(places: Places) -> None:
    control_groups.remove(places.name)
    if not root.others(places):
        emulation.unregister()
    if places.lab.exists():
        shutil.rmtree(places.lab)


def _keep(places: Places) -> Path:
    """Put the logs of a failed start where taking it down does not remove them."""
    kept = places.state / "failed-start"
    if kept.exists():
        shutil.rmtree(kept)
    if (places.lab / "logs").exists():
        shutil.copytree(places.lab / "logs", kept, ignore_dangling_symlinks=True)
    return kept


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Two starts of one lab would tear at each other; the second is refused."""
    places.state.mkdir(parents=True, exist_ok=True)
    with (places.state / "lab.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError(str(places.lab), "is being started by another process") from error
        yield


@contextmanager
def _termination_is_interruption() -> Iterator[None]:
    """A polite kill must tear down as Ctrl-C does; only the main thread may arrange that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _first_process(places: Places, ended: Callable[[], int | None]) -> None:
    def alive() -> bool:
        if ended() is not None:
            log = places.logs(root.NAME) / "init.log"
            raise UnavailableError("lab", f"the first process ended: {log.read_text()[-2000:]}")
        return root.first_process(places) is not None and root.socket(places).exists()

    wait_until(alive, seconds=20, what="the lab's first process")


def wait_until(
    condition: Callable[[], bool], *, seconds: float, what: str, pause: float = 0.2
) -> None:
    """Ask every ``pause`` seconds until ``condition`` holds; UnavailableError after ``seconds``."""

    def asked() -> bool:
        try:
            return condition()
        except UnavailableError:
            return False

    attempts = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_fixed(pause),
        retry=retry_if_result(lambda done: not done),
        retry_error_callback=lambda _: False,
    )
    if not attempts(asked):
        raise UnavailableError(what, f"not ready within {seconds:.0f} s")


def _kill(places: Places) -> None:
    """SIGKILL the first process; the kernel takes everything below it before it is gone."""
    pid = root.first_process(places)
    if pid is None:
        return
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), seconds=KILLED_WITHIN, what="the end")
    root.reap()


__all__ = ["Stalls", "Timing", "down", "restart_node", "status", "up", "wait_until"]
