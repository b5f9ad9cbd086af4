"""An image comes from a registry that the hospital answers for.

Why: from a public registry anybody's program may come, nodes must reach the Internet for it, and
a site that is cut off cannot start. A name without a registry means docker.io.
Clause: GB/T 22239-2019 8.2.6.2 (supply chain), 8.1.3.1 c (going out without permission).
Fix: copy the image into the hospital's registry, and name that registry's host in `image`.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import images, name_of
from hospital.parameters import PUBLIC, of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="image_registry_named",
    clauses=(Clause("GB/T 22239-2019", "8.2.6.2"), Clause("GB/T 22239-2019", "8.1.3.1 c")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("镜像来自院方镜像仓库", "Images come from the hospital's registry"),
    remedy=Text(
        "将镜像同步至院方仓库，并在 image 中写明该仓库主机名",
        "copy the image into the hospital's registry and name its host in image",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
    parameters=of("image_registry_named"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container or image volume whose image is a public registry's."""
    item = resource.inputs["object"]
    allowed = facts.parameter(RULE, "allowed")
    for name, image in images(item):
        host = _registry(image)
        public = any(f".{host}".endswith(f".{each}") for each in PUBLIC)
        if public or (allowed and host not in allowed):
            where = f"{name_of(item)}/{name}"
            yield Text(f"{where} 的镜像 {image} 来自 {host}", f"{where}: {image} is from {host}")


def _registry(image: str) -> str:
    """The host, without its port; a first part with no dot or colon is no host (`team/name`)."""
    first, slash, _ = image.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first.partition(":")[0] if named else "docker.io"
