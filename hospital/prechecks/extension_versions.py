"""Extensions come in the version that the source uses; another may have changed what it answers."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    used = known(source(facts).extensions, "source.extensions")
    there = known(target(facts).available_extensions, "target.available_extensions")
    other = [
        f"{name} {version}: {listed(there[name])}"
        for name, version in sorted(used.items())
        if name in there and version not in there[name]
    ]
    if other:
        return failed(f"扩展版本不同：{listed(other)}", f"other versions: {listed(other)}")
    return passed("扩展版本相同", "the same versions can be had")


CHECK = Precheck(
    id="extension_versions",
    part=Part.DATABASE,
    title=Text("扩展版本相同", "Extensions have the same version"),
    severity=Severity.WARNING,
    remedy=Text(
        "先在源库 ALTER EXTENSION … UPDATE，或安装相同版本",
        "ALTER EXTENSION ... UPDATE at the source first, or install the same version",
    ),
    function=check,
    database=True,
)
