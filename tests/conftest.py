"""How deep the property tests look: the same few examples each time, or many new ones.

``XINGLIN_FUZZ=deep`` (``make fuzz``) looks for what the quick ones did not find.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=40,
    derandomize=True,  # a change that has nothing to do with it must not fail
    database=None,
    deadline=None,  # the machine is shared
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", QUICK)
settings.register_profile("deep", QUICK, max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("XINGLIN_FUZZ", "quick"))
