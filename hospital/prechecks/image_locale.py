"""An image has the same locale on both architectures: it decides sorting, numbers and encodings."""

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
        locales = {
            known(image.locale, f"images[{reference}].locale")
            for image in images
            if image.reference == reference
        }
        if len(locales) > 1:
            mixed.append(f"{reference}: {', '.join(sorted(each or 'C' for each in locales))}")
    if mixed:
        return failed(f"区域设置不同：{listed(mixed)}", f"locales differ: {listed(mixed)}")
    return passed("各架构镜像的区域设置相同", "images set one locale on every architecture")


CHECK = Precheck(
    id="image_locale",
    part=Part.PROGRAMS,
    title=Text("镜像区域设置一致", "Images share one locale"),
    severity=Severity.WARNING,
    remedy=Text("在两种镜像中设置相同的 LANG", "set the same LANG in both images"),
    function=check,
    pods=TARGET,
)
