"""A site of ours names a CPU and an operating system for every architecture that it has.

Why: what is not named is judged by no rule: neither whether it is listed nor when it lapses.
Clause: GB/T 22239-2019 8.1.10.2 (inventory); 安全可靠测评. Advisory: nobody is bound to fill a
field, and the catalogue does not hold every product.
Fix: write the catalogue ids in the site's `products`.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE, ProductKind
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="site_names_products",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.10.2"),
        Clause("安全可靠测评工作指南（试行）", "CPU、操作系统"),
    ),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.SITE,),
    title=Text("站点填写 CPU 与操作系统产品", "A site names its CPUs and operating systems"),
    remedy=Text("在 products 中填写目录编号", "write the catalogue ids in `products`"),
)

WANTED = ((ProductKind.CPU, "处理器", "CPU"), (ProductKind.SYSTEM, "操作系统", "operating system"))


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per architecture and kind that no product of the catalogue covers."""
    site = resource.inputs["site"]
    if site["kind"] != "on-prem":
        return  # what a cloud is built of, its provider answers for
    named = [CATALOGUE[each] for each in site.get("products", ()) if each in CATALOGUE]
    for arch in site["architectures"]:
        for kind, zh, en in WANTED:
            if not any(it.kind is kind and arch in it.architectures for it in named):
                name = site["name"]
                yield Text(
                    f"站点 {name} 未填写 {arch} 的{zh}产品", f"{name} names no {en} for {arch}"
                )
