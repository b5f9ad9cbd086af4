"""The target's products are in the 信创 catalogue, listed today, and run on its CPUs.

A move away from listed products is a step back that assessors ask about; it is shown, not refused.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hospital.catalogue import CATALOGUE
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    listed,
    passed,
    skipped,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    site, today = facts.there, datetime.fromtimestamp(facts.now, UTC).date()
    if not site.products:
        if not facts.here.products:
            return skipped("两站点均未声明信创产品", "neither site declares products")
        return failed(
            f"现址声明了 {listed(facts.here.products)}，目标站点没有",
            f"the source declares {listed(facts.here.products)}, the target none",
        )
    strange = [name for name in site.products if name not in CATALOGUE]
    products = [CATALOGUE[name] for name in site.products if name in CATALOGUE]
    ended = [each.id for each in products if each.valid_until and each.valid_until < today]
    wrong = [each.id for each in products if not set(each.architectures) & set(site.architectures)]
    if strange or ended or wrong:
        return failed(
            f"不在目录 {listed(strange) or '无'}；已过期 {listed(ended) or '无'}；"
            f"架构不符 {listed(wrong) or '无'}",
            f"not in the catalogue: {listed(strange) or 'none'}; listing ended: "
            f"{listed(ended) or 'none'}; wrong architecture: {listed(wrong) or 'none'}",
        )
    return passed(f"信创产品 {listed(site.products)}", f"products {listed(site.products)}")


CHECK = Precheck(
    id="xinchuang_profile",
    part=Part.DUTIES,
    title=Text("目标站点信创产品", "The target's products are listed"),
    severity=Severity.WARNING,
    remedy=Text(
        "核对 products 与安全可靠测评公告，更换已过期产品",
        "compare products with the announcements; replace what is not listed any more",
    ),
    function=check,
    declared=True,
)
