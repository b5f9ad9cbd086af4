"""Sites, Workloads and RecoveryPlans: when one changes, all are read anew.

The event itself says nothing that is used: it only ends the wait of the loop that reads. So a
missed event costs seconds, never a wrong estate, and declared objects need no finalizer.
"""

from __future__ import annotations

from typing import Any

import kopf

from operators.recovery import GROUP, VERSION


@kopf.on.event(GROUP, VERSION, "sites")
@kopf.on.event(GROUP, VERSION, "workloads")
@kopf.on.event(GROUP, VERSION, "recoveryplans")
def declared(memo: kopf.Memo, **_: Any) -> None:
    """Something that was declared changed, or its status did."""
    memo.post.redeclared.set()
