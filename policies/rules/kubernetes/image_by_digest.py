"""An image is named by the digest of its content, not by a tag alone.

Why: a tag can be moved; two nodes, or a standby on the day of the disaster, then run other programs
under the same name, and nothing notices.
Clause: GB/T 22239-2019 8.2.4.4 b (integrity of images); GB/T 39786-2021 8.3 f (programs).
Fix: name the image as `registry/name@sha256:...`. It is advisory because a digest is evidence: an
admission that verifies signatures serves the clause too, and an image imported into containerd has
a name by digest only if the import was told to give it one.
Waiver: not needed, it only advises.
"""

import re
from collections.abc import Iterator

from hospital.manifest import images, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="image_by_digest",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.4 b"), Clause("GB/T 39786-2021", "8.3 f")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("镜像以摘要指定", "Images are named by digest"),
    remedy=Text(
        "以 镜像名@sha256:摘要 指定镜像；本地导入时使用 ctr images import --digests",
        "name images as name@sha256:...; import local ones with ctr images import --digests",
    ),
)

DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container or image volume whose image may change under its name."""
    item = resource.inputs["object"]
    for name, image in images(item):
        if not DIGEST.fullmatch(image):
            where = f"{name_of(item)}/{name}"
            yield Text(f"{where} 的镜像 {image} 未带摘要", f"{where}: {image} has no digest")
