"""RecoveryActions: the leader takes every unfinished one forward, from whatever step it is at.

The timer is the level: whatever happened to the operator that began a story, this one looks
again four times a second. kopf keeps our finalizer on an action while the timer is on it,
so a story cannot be deleted while it is being told.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import kopf

from hospital.errors import UnavailableError
from operators.post import Post
from providers.conductor import TERMINAL

GROUP, VERSION = "xinglin.dev", "v1alpha1"
TURN_SECONDS = 0.25


def unfinished(status: Mapping[str, Any], **_: Any) -> bool:
    """Whether an action still has somewhere to go."""
    return status.get("phase", "Pending") not in {phase.value for phase in TERMINAL}


@kopf.timer(GROUP, VERSION, "recoveryactions", interval=TURN_SECONDS, when=unfinished)
def conduct(name: str | None, memo: kopf.Memo, **_: Any) -> None:
    """Take the action forward, if this operator leads and no other thread of it does so."""
    post: Post = memo.post
    if not post.leadership.leading():
        return
    with suppress(UnavailableError):  # the loops have said so; the timer comes again anyway
        post.conduct(name or "")
