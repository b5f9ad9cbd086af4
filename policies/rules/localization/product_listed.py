"""A site, a database and a workload use products of the 信创 catalogue whose listing is in force.

Why: a product outside the catalogue cannot be bought by a bound hospital, and a listing lapses
three years after its announcement; a hospital must learn that before, not after.
Clause: 安全可靠测评 (results valid three years); GB/T 22239-2019 8.2.6.2, 8.1.9.3.
Fix: choose a listed product, or a listed successor of a lapsed one.
Waiver: the hospital's 信创 office, for one workload.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="product_listed",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "结果有效期三年"),
        Clause("GB/T 22239-2019", "8.1.9.3"),
        Clause("GB/T 22239-2019", "8.2.6.2"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE, Kind.WORKLOAD),
    title=Text("产品在信创目录内且未过期", "Products are in the catalogue and not lapsed"),
    remedy=Text(
        "改用目录内有效产品，并在 products 中填写其目录编号",
        "use a listed product and write its catalogue id in `products`",
    ),
    waived_by=Text("医院信创工作办公室", "the hospital's localization office"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per product that is not listed, or no longer."""
    for product_id in _products(resource):
        product = CATALOGUE.get(product_id)
        if product is None:
            yield Text(f"产品 {product_id} 不在信创目录内", f"product {product_id} is not listed")
        elif product.valid_until is not None and product.valid_until < facts.today:
            until = product.valid_until.isoformat()
            yield Text(f"产品 {product_id} 已于 {until} 过期", f"{product_id} lapsed on {until}")


def _products(resource: Resource) -> list[str]:
    if resource.kind is Kind.WORKLOAD:
        return list(resource.inputs["workload"].get("products", ()))
    databases = [database["product"] for database in resource.inputs.get("databases", ())]
    return [*resource.inputs["site"].get("products", ()), *databases]
