"""A physical move stays within one cluster; a logical one never copies a cluster onto itself.

Two names for one server would have the copy write into what it reads.
"""

from __future__ import annotations

from hospital.move import Method
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here = known(source(facts).cluster, "source.cluster")
    there = known(target(facts).cluster, "target.cluster")
    same, physical = here == there, facts.method is Method.PHYSICAL
    if same and not physical:
        return failed("两端为同一数据库集群", "both ends are the same cluster")
    if physical and not same:
        return failed("目标成员不属于该集群", "the member at the target belongs to another cluster")
    return passed("集群标识符合迁移方式", "the clusters' identifiers fit the method")


CHECK = Precheck(
    id="same_cluster",
    part=Part.DATABASE,
    title=Text("集群标识符合方式", "The clusters fit the method"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "核对 migrations 中的 database 与集群成员",
        "check the database of the declared move, and the cluster's members",
    ),
    function=check,
    database=True,
    blind=True,
)
