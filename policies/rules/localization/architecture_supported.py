"""A workload is placed only where its images and products run.

Why: the sites of a hospital differ in CPU (amd64, arm64, loong64); a standby whose CPU cannot run
the workload is a standby on paper, found out in the disaster.
Clause: GB/T 20988-2025, standby processing system (seven resource elements).
Fix: build for the site's architecture, or choose another standby.
Waiver: nobody; it would not start.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="architecture_supported",
    clauses=(Clause("GB/T 20988-2025", "备用数据处理系统"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    title=Text("业务支持所在站点的处理器架构", "A workload runs on its site's CPUs"),
    remedy=Text(
        "为该架构构建镜像并选用支持它的产品，或更换站点",
        "build images and choose products for that architecture, or choose another site",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason for the workload itself, and one per product of it that cannot run there."""
    workload, site = resource.inputs["workload"], resource.inputs["site"]
    there = set(site["architectures"])
    where = f"{site['name']} ({', '.join(sorted(there))})"
    if not there & set(workload["architectures"]):
        built = ", ".join(workload["architectures"])
        yield Text(f"仅支持 {built}，站点 {where} 无法运行", f"built for {built}, not for {where}")
    for product_id in workload.get("products", ()):
        product = CATALOGUE.get(product_id)
        if product is not None and not there & {str(arch) for arch in product.architectures}:
            yield Text(
                f"产品 {product_id} 不支持站点 {where}", f"{product_id} does not run at {where}"
            )
