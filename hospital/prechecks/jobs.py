"""Jobs that the database starts by itself must not run at both ends at once."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    jobs = [job for job in known(source(facts).jobs, "source.jobs") if job.active]
    if jobs:
        names = listed(f"{job.name} ({job.scheduler} {job.schedule})" for job in jobs)
        return failed(f"定时任务 {names}", f"jobs: {names}")
    return passed("没有启用的定时任务", "no job is active")


CHECK = Precheck(
    id="jobs",
    part=Part.CONTENT,
    title=Text("定时任务", "Jobs of the database"),
    severity=Severity.WARNING,
    remedy=Text(
        "切换时在源库停用，开放后在目标建立",
        "disable them at the source; make them there once it is open",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
