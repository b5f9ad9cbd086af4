"""The lab's declaration with an asynchronous database, for the figures of consensus alone.

It is the estate that ``make demo`` shows, with nothing changed but what an asynchronous database
cannot promise: an RPO of zero.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import yaml

RPO = timedelta(seconds=30)  # of the database's plan and its workloads


def asynchronous(source: Path, target: Path) -> Path:
    """Write the declaration at ``source`` to ``target``, its databases asynchronous."""
    document = yaml.safe_load(source.read_text(encoding="utf-8"))
    spec, rpo = document["spec"], f"{RPO.total_seconds():.0f}s"
    for database in spec["databases"]:
        database["replication"] = "asynchronous"
    moved = [plan for plan in spec["plans"] if plan.get("database")]
    for plan in moved:
        plan |= {"replication": "asynchronous", "rpo": rpo}
    names = {name for plan in moved for name in plan["workloads"]}
    for workload in spec["workloads"]:
        if workload["name"] in names:
            workload["rpo"] = rpo
    target.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return target
