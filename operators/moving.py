"""The part of a post that moves hospitals: what migrations need besides a recovery's rounds.

One migration is conducted by one thread at a time. In a cutover, and on the way back, patients wait
for every round, so the thread stays with it; a migration that only copies, follows or soaks is
looked at once a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, wait

from hospital.errors import UnavailableError
from hospital.estate import Estate
from hospital.migration import TERMINAL
from hospital.move import Migration, MoveSeen, Phase
from hospital.story import Seen
from providers.acts import Kit
from providers.conductor import LOOK_AGAIN_SECONDS, AtOnce, Word
from providers.hands import Hands
from providers.migrating import Mover
from providers.moves import look

CALM_SECONDS = 1.0  # between two looks at a migration that only copies, follows or soaks
HURRIED = frozenset({Phase.CUTOVER, Phase.ROLLBACK})


class Moves:
    """Migrations, as taken forward from one site."""

    def __init__(
        self,
        site: str,
        *,
        hands: Hands,
        kit: Callable[[], Kit],
        epoch: Callable[[], float],
        pause: Callable[[float], None] | None,
        look: Callable[[], tuple[Estate, Seen]],
        crew: Executor | None,
        say: Callable[[Word], None],
        leading: Callable[[], bool],
    ) -> None:
        """``look`` gives the estate and what is seen of its sites; ``pause`` as in ``Clocks``."""
        self._hands = hands
        self._kit = kit
        self._epoch = epoch
        self._pause = pause
        self._look_around = look
        self._leading = leading
        self._conducting: set[str] = set()
        self._hurried: set[str] = set()
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()
        self.mover = Mover(
            site=site,
            hands=hands,
            kit=kit,
            now=epoch,
            look=self._look,
            crew=crew or AtOnce(),
            say=say,
            leading=leading,
        )

    @property
    def hurried(self) -> bool:
        """Whether patients wait for a migration that is conducted here."""
        return bool(self._hurried)

    def conduct(self, name: str) -> Migration | None:
        """Take a migration forward while it hurries; as it stood last.

        None when another thread has it, or it was looked at a moment ago. Raises UnavailableError
        when the hub does not answer.
        """
        with self._lock:
            if name in self._conducting or self._epoch() < self._next.get(name, 0.0):
                return None
            self._conducting.add(name)
        try:
            return self._conduct(name)
        finally:
            self._conducting.discard(name)

    def _conduct(self, name: str) -> Migration | None:
        while True:
            migration = self.mover.turn(name)
            if migration is None or migration.phase in TERMINAL or not self._leading():
                self._next.pop(name, None)
                self._hurried.discard(name)
                return migration
            (self._hurried.add if migration.phase in HURRIED else self._hurried.discard)(name)
            flying = self.mover.flying(name)
            if migration.phase in HURRIED and self._pause is not None and not migration.blocked:
                if flying:
                    wait(flying, timeout=0.25, return_when=FIRST_COMPLETED)
                else:
                    self._pause(LOOK_AGAIN_SECONDS / 2)
                continue
            hurried = any(each.done() for each in flying) or migration.phase in HURRIED
            self._next[name] = self._epoch() + (0.0 if hurried else CALM_SECONDS)
            return migration

    def _look(self, migration: Migration) -> tuple[Estate, MoveSeen]:
        estate, seen = self._look_around()
        actions = self._hands.hub.actions()
        kit, now = self._kit(), self._epoch()
        return estate, look(
            estate, migration, hands=self._hands, kit=kit, seen=seen, actions=actions, now=now
        )


def no_kit() -> Kit:
    """For a post that conducts recoveries only."""
    raise UnavailableError("post", "it has no hands for migrations")
