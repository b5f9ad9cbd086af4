"""A listing that lapses within half a year is told in time.

Why: replacing a CPU, an operating system or a database takes longer than a lapsed listing waits;
the first batch of results lapses on 2026-12-26.
Clause: 安全可靠测评 (results valid three years).
Fix: plan the successor, or follow the vendor's renewal.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from datetime import timedelta

from hospital.catalogue import CATALOGUE
from hospital.parameters import of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="listing_lapses_soon",
    clauses=(Clause("安全可靠测评工作指南（试行）", "结果有效期三年"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.SITE, Kind.WORKLOAD),
    title=Text("目录有效期将满", "A listing lapses soon"),
    remedy=Text("规划替代产品，或跟踪厂商续评", "plan a successor, or follow the vendor's renewal"),
    parameters=of("listing_lapses_soon"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per product whose listing is in force, but not for long."""
    key = "site" if resource.kind is Kind.SITE else "workload"
    products = list(resource.inputs[key]["products"])
    if resource.kind is Kind.SITE:
        products += [database["product"] for database in resource.inputs.get("databases", ())]
    notice = timedelta(days=facts.parameter(RULE, "noticeDays"))
    for product_id in products:
        product = CATALOGUE.get(product_id)
        until = product.valid_until if product else None
        if until is not None and facts.today <= until < facts.today + notice:
            day = until.isoformat()
            yield Text(f"产品 {product_id} 将于 {day} 到期", f"{product_id} lapses on {day}")
