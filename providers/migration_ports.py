"""The port of a logical move: one database from cluster to cluster, and back by the same acts.

``providers/logical.py`` and ``providers/memory_stream.py`` implement it. Every method is
idempotent: called again after a crash it finishes what it began. Every method raises only
``hospital.errors``: UnavailableError where an end does not answer or something still goes on,
RefusedError where the server said no, UnsafeError where going on could lose or fork rows.
What must never happen: both ends open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hospital.prechecks.database import DatabaseFacts
from hospital.stream import Carried, Move, Progress, StreamSeen, TornDown, Verified

Tell = Callable[[Progress], None]


class StreamHands(Protocol):
    """Everything that a logical move asks of two database clusters."""

    def facts(self, move: Move, end: str) -> DatabaseFacts:
        """What one end says of itself, for the prechecks; what cannot be read is None."""

    def prepare(self, move: Move) -> None:
        """The schema at the target, without indexes, owned by the workload's role.

        UnsafeError if the target's database holds objects that no migration of ours put there.
        """

    def copy(self, move: Move, tell: Tell, *, throttle: int = 0, slowdown_percent: int = 0) -> None:
        """All rows of one snapshot, from which the stream will go on.

        At most ``throttle`` bytes a second leave the source, all streams together; 0: no bound.
        A copy that ended half is begun anew; UnavailableError while another one goes on.
        """

    def build(self, move: Move) -> None:
        """Indexes, constraints, triggers, statistics; nothing twice."""

    def subscribe(self, move: Move) -> None:
        """Let the changes since the snapshot flow; returns at once."""

    def observe(self, move: Move) -> StreamSeen:
        """Both ends and the stream, within a second or so; never raises."""

    def fence(self, move: Move, end: str) -> str:
        """No session of the workload's role is left at ``end`` and none can come; verified.

        Returns the position (LSN) that holds every write that was ever acknowledged there.
        """

    def opened(self, move: Move, end: str) -> bool:
        """Whether the workload's role may log in at ``end``."""

    def open(self, move: Move, end: str, *, alone: bool = False) -> None:
        """Let the workload's role log in at ``end``; UnsafeError while the other end is open.

        ``alone`` says that the other end is known by a firm fence to be closed, so that it need
        not answer.
        """

    def provide(self, move: Move) -> None:
        """Make ready at the target what ``reverse`` needs, before the pause: it may take long."""

    def drain(self, move: Move, position: str) -> bool:
        """Whether the target holds, and keeps, everything up to ``position`` of the source."""

    def carry(self, move: Move) -> Carried:
        """Bring over what does not flow; UnsafeError unless both ends are closed."""

    def reverse(self, move: Move) -> None:
        """Turn the stream round while both ends are closed: from now on the target feeds.

        A slot at the target keeps what will be written there until ``follow`` lets it flow;
        UnsafeError unless both are closed.
        """

    def turned(self, move: Move) -> bool:
        """Whether ``reverse`` got so far that the target holds everything and will be heard."""

    def follow(self, move: Move) -> None:
        """After ``reverse``: the stream to the target ends, what is written there flows back."""

    def revert(self, move: Move) -> None:
        """Give the source back what it was, after a drain and a carrying back: both are closed.

        What the target holds is a copy again, which ``teardown`` may remove; UnsafeError unless
        the source holds everything.
        """

    def verify(self, move: Move) -> Verified:
        """Compare both ends while nobody writes; check the target's indexes against its tables."""

    def clone(self, move: Move, tell: Tell) -> None:
        """Fill the rehearsal's database at the target from a snapshot of the target's rows.

        What does not flow, such as the last number of a sequence, comes from the source. The
        stream is not touched.
        """

    def drop_clone(self, move: Move) -> None:
        """Empty the rehearsal's database; the database itself stays."""

    def teardown(self, move: Move, *, content: bool = False) -> TornDown:
        """Remove slots, subscriptions and publications of the move in both directions.

        With ``content`` the target's rows too, unless that end is open: UnsafeError. An end that
        does not answer is skipped and named.
        """
