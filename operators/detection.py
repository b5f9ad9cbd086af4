"""The loops of an operator: how often it looks, tells, takes part and judges.

Each interval is what the RTO budget leaves it (`docs/failure-modes.md`): a dark site is known
1.5 s after its last heartbeat, a dark host 0.75 s after its last answer. Each loop has its own
thread, so that none waits for what another cannot reach. For a moment after something began or
ceased to answer, the leader reads what others say of it, and judges, three times as often; who
does not lead looks less often than the leader, since all share one hub.
"""

from __future__ import annotations

from collections.abc import Callable

from operators.leader import RETRY_SECONDS
from operators.post import Post
from operators.pulse import Pulse
from providers.watch import HEARTBEAT_SECONDS

PROBE_SECONDS = 0.25
JUDGE_SECONDS = 0.2
DATABASE_SECONDS = 1.0
DECLARED_SECONDS = 5.0  # declarations also wake this loop through their watches
PLACE_SECONDS = 2.0
STATUS_SECONDS = 3.0
PRIMARIES_SECONDS = 5.0
LIFT_SECONDS = 10.0
COPY_SECONDS = 5.0
ANNOUNCE_SECONDS = 0.5

HURRY = 3  # how many times as often the leader's loops run while something has just changed
FOLLOWER_READ_SECONDS = 0.5  # of the Leases: a takeover costs 2 to 3 s
FOLLOWER_LOOK_SECONDS = 1.4  # at databases; below the 2.5 s for which a look is believed


def begin(post: Post, pulse: Pulse) -> None:
    """Start every loop; the declarations are read once before, if the hub answers."""
    pulse.every(DECLARED_SECONDS, "declarations", post.read_declared, sooner=post.redeclared)
    pulse.every(PROBE_SECONDS, "probes", post.probe)
    pulse.every(HEARTBEAT_SECONDS, "heartbeat", post.tell, sooner=post.watch.changed)
    pulse.every(pace(post, RETRY_SECONDS, FOLLOWER_READ_SECONDS), "leases", post.take_part)
    looking = pace(post, DATABASE_SECONDS, FOLLOWER_LOOK_SECONDS)
    pulse.every(looking, "databases", post.look_at_databases)
    pulse.every(pace(post, JUDGE_SECONDS, JUDGE_SECONDS), "judge", post.judge)
    pulse.every(PLACE_SECONDS, "place", post.keep_place)
    pulse.every(ANNOUNCE_SECONDS, "events", post.announce)
    pulse.every(LIFT_SECONDS, "withdrawals", post.lift_withdrawals)
    pulse.every(COPY_SECONDS, "evidence", post.copy_evidence)
    pulse.every(STATUS_SECONDS, "status", post.write_status)
    pulse.every(PRIMARIES_SECONDS, "primaries", post.record_primaries)


def pace(post: Post, leading: float, following: float) -> Callable[[], float]:
    """Seconds between two rounds of a loop, for who leads and for who follows."""

    def seconds() -> float:
        if not post.leadership.leading():
            return following
        return leading / HURRY if post.watch.hurried() else leading

    return seconds
