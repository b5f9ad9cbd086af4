"""An image has the same C library family on both architectures.

glibc and musl differ in name resolution, locales, thread stacks and character conversion: the same
program behaves differently, and nobody looks for it there.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    TARGET,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    components = known(facts.components, "components")
    images = known(facts.images, "images")
    mixed = []
    for reference in dict.fromkeys(each.image for each in components):
        families = {
            known(image.libc, f"images[{reference}].libc").split(" ", 1)[0]
            for image in images
            if image.reference == reference
        }
        if len(families) > 1:
            mixed.append(f"{reference}: {', '.join(sorted(families))}")
    if mixed:
        return failed(f"C 库不同：{listed(mixed)}", f"C libraries differ: {listed(mixed)}")
    return passed("各架构镜像的 C 库相同", "images use one C library on every architecture")


CHECK = Precheck(
    id="image_libc",
    part=Part.PROGRAMS,
    title=Text("镜像 C 库一致", "Images share one C library"),
    severity=Severity.WARNING,
    remedy=Text("两种架构采用同一基础镜像", "build both architectures from the same base image"),
    function=check,
    pods=TARGET,
)
