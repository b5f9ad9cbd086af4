"""A product that has no listing of its own is told.

Why: a community edition, or a product whose result nobody has found, passes as long as nobody asks;
a buyer who is bound by the list will be asked.
Clause: 安全可靠测评 (only listed products count); GB/T 22239-2019 8.1.9.3. Advisory: whether a
hospital is bound is decided by its founder, not here.
Fix: choose a listed edition, or keep the vendor's answer in the record.
Waiver: not needed, it only advises; what is not in the catalogue at all `product_listed` refuses.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE, Known
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="listing_not_seen",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "测评结果"),
        Clause("GB/T 22239-2019", "8.1.9.3"),
    ),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.SITE, Kind.WORKLOAD),
    title=Text("产品自身未见测评结果", "A product has no listing of its own"),
    remedy=Text(
        "选用已列入的版本，或留存厂商说明", "choose a listed edition, or keep the vendor's answer"
    ),
)

WHY = {
    Known.COMMUNITY: ("为社区版，本身不在列", "is a community edition, not listed itself"),
    Known.UNLISTED: ("未见测评结果", "has no result that was found"),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per product that is known, and known to have no listing of its own."""
    key = "site" if resource.kind is Kind.SITE else "workload"
    products = list(resource.inputs[key].get("products", ()))
    products += [database["product"] for database in resource.inputs.get("databases", ())]
    for product_id in dict.fromkeys(products):
        product = CATALOGUE.get(product_id)
        if product is not None and product.known in WHY:
            zh, en = WHY[product.known]
            yield Text(f"产品 {product_id} {zh}", f"{product_id} {en}")
