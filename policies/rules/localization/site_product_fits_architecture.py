"""A product that a site names runs on one of its architectures.

Why: the list of products is what is bought, assessed and reported; a Kunpeng at an amd64 site says
that the list was copied.
Clause: GB/T 22239-2019 8.1.10.2 (the inventory is true), 8.1.9.3.
Fix: name the product that is there, or add the architecture to the site.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="site_product_fits_architecture",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.2"), Clause("GB/T 22239-2019", "8.1.9.3")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    title=Text("站点产品与处理器架构相符", "A site's products fit its architectures"),
    remedy=Text(
        "填写站点实际使用的产品，或补充其架构",
        "name the product that is there, or add the architecture",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per product of the catalogue that runs on no architecture of the site."""
    site = resource.inputs["site"]
    there = site["architectures"]
    for product_id in site.get("products", ()):
        product = CATALOGUE.get(product_id)
        if product is not None and not set(there) & set(product.architectures):
            has = ", ".join(there)
            yield Text(
                f"产品 {product_id} 不能用于站点架构 {has}",
                f"{product_id} runs on none of the site's architectures ({has})",
            )
