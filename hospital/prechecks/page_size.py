"""Both sites use memory pages of one size: ARM kernels come with 4, 16 or 64 KiB.

Allocators built for 4 KiB pages abort at 64 KiB, huge pages have other sizes, and small mappings
take sixteen times the memory.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    ENDS,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    size,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    nodes = known(facts.nodes, "nodes")
    pages = {
        site: {
            known(node.page_bytes, f"nodes[{node.name}].page_bytes")
            for node in nodes
            if node.site == site
        }
        for site in (facts.source_site, facts.target_site)
    }
    here, there = (pages[site] for site in (facts.source_site, facts.target_site))
    known(next(iter(here), None), "nodes of the source")
    known(next(iter(there), None), "nodes of the target")
    sizes = [listed(size(each) for each in sorted(found)) for found in (here, there)]
    if here != there:
        return failed(
            f"内存页 {sizes[0]}，目标为 {sizes[1]}",
            f"memory pages are {sizes[0]} here and {sizes[1]} there",
        )
    return passed(f"内存页均为 {sizes[0]}", f"memory pages are {sizes[0]} at both")


CHECK = Precheck(
    id="page_size",
    part=Part.PROGRAMS,
    title=Text("内存页大小相同", "Memory pages have one size"),
    severity=Severity.WARNING,
    remedy=Text(
        "使用 4 KiB 页的内核，或重新构建分配器（jemalloc）并演练",
        "use a kernel with 4 KiB pages, or rebuild what assumes them (jemalloc) and rehearse",
    ),
    function=check,
    pods=ENDS,
)
