"""The post at which an operator stands: one site, its watch, its part in leading, its conductor.

Every method is one round of a loop and reads the world anew (level-based): what was missed once is
seen the next time. ``operators/main.py`` runs the rounds in threads, tests run them by hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from hospital.custody import held
from hospital.detection import lost_hosts, lost_sites
from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate
from hospital.recovery import propose
from hospital.story import Action, ActionPhase, Seen
from operators.leader import Leadership
from operators.moving import Moves, no_kit
from operators.place import Place
from providers.acts import Kit
from providers.conductor import LOOK_AGAIN_SECONDS, TERMINAL, AtOnce, Conductor, Crew, Word
from providers.hands import Hands
from providers.watch import Watch, site_of

LOG = logging.getLogger("xinglin")

CALM_SECONDS = 1.0  # how long a calm hub need not be asked; kopf tells of new actions sooner
LOSS_SECONDS = 0.5  # the same while something is lost: what could not be proposed yet may be now


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks of an operator, and how it waits."""

    monotonic: Callable[[], float]
    epoch: Callable[[], float]
    pause: Callable[[float], None] | None = None  # none where time is played: turns come by hand


@dataclass(slots=True)
class _Memory:
    """What a post remembers between rounds; all of it can be read again."""

    estate: Estate | None = None
    conducting: set[str] = field(default_factory=set)
    lost: frozenset[str] = frozenset()  # sites and hosts, as last judged
    calm_until: float = 0.0  # monotonic; until then the hub need not be asked for actions
    lock: threading.Lock = field(default_factory=threading.Lock)


class Post:
    """One operator at one site."""

    def __init__(
        self,
        site: str,
        *,
        instance: str,
        hands: Hands,
        clocks: Clocks,
        crew: Executor | None = None,
        stories: Executor | None = None,
        adopt: Callable[[Estate], None] | None = None,
        kit: Callable[[], Kit] = no_kit,
    ) -> None:
        """``instance`` makes two operators at one site two; ``crew`` performs steps and probes.

        ``stories`` conducts, one thread per action, so that judging goes on meanwhile; without
        it the judge conducts. ``adopt`` is called with every estate that differs from the last.
        ``kit`` gives the hands for migrations.
        """
        self.site = site
        self.hands = hands
        self.redeclared = threading.Event()  # a declaration may have changed
        self._words: SimpleQueue[Word] = SimpleQueue()
        self._memory = _Memory()
        self._adopt = adopt
        self._stories = stories
        self._clocks = clocks
        self.watch = Watch(site, hands=hands, now=clocks.monotonic, today=clocks.epoch, crew=crew)
        self.leadership = Leadership(
            f"{site}/{instance}",
            leases=hands.leases,
            now=clocks.monotonic,
            today=clocks.epoch,
            stands_back=self._stands_back,
            busy=lambda: bool(self._memory.conducting) or self.moves.hurried,
        )
        at_once: Crew = AtOnce()
        self.conductor = Conductor(
            site=site,
            hands=hands,
            now=clocks.epoch,
            look=self._look,
            crew=crew or at_once,
            say=self.say,
            leading=self.leadership.leading,
        )
        self.moves = Moves(
            site,
            hands=hands,
            kit=kit,
            epoch=clocks.epoch,
            pause=clocks.pause,
            look=self._look,
            crew=crew,
            say=self.say,
            leading=self.leadership.leading,
        )
        self.place = Place(site, hands=hands, watch=self.watch, today=clocks.epoch)

    @property
    def estate(self) -> Estate | None:
        """The estate as last read; None while nothing is declared."""
        return self._memory.estate

    def read_declared(self) -> None:
        """Read the declarations anew."""
        estate = self.watch.declared()
        if estate is None or estate == self.estate:
            return
        if self._adopt is not None:
            self._adopt(estate)
        self._memory.estate = estate

    def probe(self) -> None:
        """Look at all other sites and at all database hosts."""
        if self.estate is not None:
            self.watch.probe(self.estate)

    def look_at_databases(self) -> None:
        """Look at every database."""
        if self.estate is not None:
            for database in self.estate.databases:
                self.watch.observe(database)

    def tell(self) -> None:
        """Write the heartbeat, with what is seen from here."""
        self.watch.tell()

    def take_part(self) -> None:
        """Read all Leases and take part in the election."""
        self.leadership.take_part(self.watch.read(), self.watch.heartbeats)

    def judge(self) -> None:
        """If leading: begin what must begin now, and go on with whatever is unfinished.

        A new loss is judged at once. While nothing new is lost and stories are conducted by
        threads of their own, the hub is asked now and then only: it has better things to do.
        """
        estate, now, memory = self.estate, self._clocks.monotonic(), self._memory
        if estate is None or not self.leadership.leading():
            return
        seen = self.watch.seen(estate)
        lost = lost_sites(seen) | lost_hosts(estate, seen)
        if lost == memory.lost and now < memory.calm_until:
            return
        actions = self.hands.hub.actions()
        if lost:
            actions = self._propose(estate, seen, actions)
        unfinished = [action.name for action in actions if action.phase not in TERMINAL]
        patience = LOSS_SECONDS if lost else CALM_SECONDS
        memory.lost = lost
        memory.calm_until = 0.0 if unfinished and self._stories is None else now + patience
        for name in unfinished:
            if self._stories is None:
                self.conduct(name)
            elif name not in memory.conducting:
                self._stories.submit(self._conduct_quietly, name)

    def _propose(
        self, estate: Estate, seen: Seen, actions: tuple[Action, ...]
    ) -> tuple[Action, ...]:
        """Ask for every failover that must begin now by itself; all actions, the new included."""
        active, by = self.hands.hub.active_sites(), f"operator/{self.site}"
        holding = held(estate, self.hands.hub.migrations())
        seen = replace(seen, held=tuple(sorted(holding.items())))
        while action := propose(estate, active, seen, actions, self._clocks.epoch(), by=by):
            try:
                self.hands.hub.create_action(action)
            except RefusedError:
                break  # another operator asked for the same
            LOG.warning("%s: %s", action.name, action.reason)
            actions = (*actions, action)
        return actions

    def conduct(self, name: str) -> Action | None:
        """Take an action forward until it ends, must wait for a person, or is not ours to take.

        Returns it as it stood last; None when another thread conducts it already. Raises
        UnavailableError when the hub does not answer.
        """
        with self._memory.lock:
            if name in self._memory.conducting:
                return None
            self._memory.conducting.add(name)
        try:
            return self._conduct(name)
        finally:
            self._memory.conducting.discard(name)

    def keep_place(self) -> None:
        """Correct replicas and names at this site."""
        if self.estate is not None:
            self.place.correct(self.estate)

    def write_status(self) -> None:
        """If leading: write every status."""
        if self.estate is not None and self.leadership.leading():
            self.place.tell(self.estate)

    def record_primaries(self) -> None:
        """If leading: record the primaries that consensus chose by itself."""
        if self.estate is not None and self.leadership.leading():
            self.place.record_primaries(self.estate)

    def lift_withdrawals(self) -> None:
        """If leading: end withdrawals that finished stories left behind."""
        if self.estate is not None and self.leadership.leading():
            self.place.lift_withdrawals(self.estate)

    def copy_evidence(self) -> None:
        """If leading: copy evidence to where it survives the hub."""
        if self.estate is not None and self.leadership.leading():
            self.place.copy_evidence()

    def leave(self) -> None:
        """Give the lead up."""
        with suppress(UnavailableError):
            self.leadership.give_up(self.watch.read())

    def say(self, word: Word) -> None:
        """Log a word now and announce it soon: no story waits for its Events."""
        LOG.log(logging.WARNING if word.warning else logging.INFO, "%s: %s", *_parts(word))
        self._words.put(word)

    def announce(self) -> None:
        """Announce as Events what was said; what the hub will not take is in the log anyway."""
        while not self._words.empty():
            word = self._words.get()
            try:
                self.hands.hub.announce(
                    word.kind,
                    word.action,
                    reason=word.reason,
                    message=word.message,
                    warning=word.warning,
                )
            except (UnavailableError, RefusedError) as error:
                LOG.info("no event for %s: %s", word.action, error)

    def _conduct_quietly(self, name: str) -> None:
        try:
            self.conduct(name)
        except UnavailableError as error:
            LOG.warning("%s: %s", name, error)
        except Exception:
            LOG.exception("%s: a turn failed for a reason nobody foresaw", name)

    def _conduct(self, name: str) -> Action | None:
        while True:
            action = self.conductor.turn(name)
            if action is None or action.phase in TERMINAL or not self.leadership.leading():
                return action
            flying = self.conductor.flying(name)
            if flying:
                wait(flying, timeout=0.25, return_when=FIRST_COMPLETED)
            elif self._clocks.pause is None or action.phase is not ActionPhase.RUNNING:
                return action  # the judge comes again
            else:
                self._clocks.pause(LOOK_AGAIN_SECONDS / 2)

    def _look(self) -> tuple[Estate, Seen]:
        estate = self.estate
        if estate is None:
            raise UnavailableError("hub", "nothing is declared yet")
        return estate, self.watch.seen(estate)

    def _stands_back(self) -> bool:
        estate = self.estate
        return estate is not None and self.site in site_of(estate, self.watch.primaries(estate))


def _parts(word: Word) -> tuple[str, str]:
    return word.action, f"{word.reason}: {word.message}"
