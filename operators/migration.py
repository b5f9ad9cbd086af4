"""Migrations: the leader takes every unfinished one forward, from whatever step it is at.

The timer is the level, as for RecoveryActions: whatever happened to the operator that began a
step, this one looks again. kopf keeps our finalizer on a migration while the timer is on it, so
that it cannot be deleted while a database is half moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import kopf

from hospital.errors import UnavailableError
from hospital.migration import TERMINAL
from operators.post import Post
from operators.recovery import GROUP, TURN_SECONDS, VERSION


def unfinished(status: Mapping[str, Any], **_: Any) -> bool:
    """Whether a migration still has somewhere to go."""
    return status.get("phase", "Pending") not in {phase.value for phase in TERMINAL}


@kopf.timer(GROUP, VERSION, "migrations", interval=TURN_SECONDS, when=unfinished)
def migrate(name: str | None, memo: kopf.Memo, **_: Any) -> None:
    """Take the migration forward, if this operator leads and no other thread of it does so."""
    post: Post = memo.post
    if not post.leadership.leading():
        return
    with suppress(UnavailableError):  # the loops have said so; the timer comes again anyway
        post.moves.conduct(name or "")
