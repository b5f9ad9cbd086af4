"""Kubernetes objects as plain values: the parts of them that rules ask for.

Pure and total over what an API server or a file may hold: init and ephemeral containers count,
``null`` is the same as absent, quantities are read in every spelling that Kubernetes accepts. What
must never happen: a container that a rule does not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Plain = Mapping[str, Any]

_WHOLE = frozenset({str, int, float, bool})  # nothing is in them: four of five values
_MAPPING, _LIST = (dict, Mapping), (list, tuple)  # `dict` first: asked in a tenth of the time

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""What the control plane makes and fills itself: nobody can label or fence it beforehand."""

_POWERS = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal(10) ** 3, "M": Decimal(10) ** 6, "G": Decimal(10) ** 9, "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15, "E": Decimal(10) ** 18, "Ki": Decimal(2) ** 10, "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30, "Ti": Decimal(2) ** 40, "Pi": Decimal(2) ** 50, "Ei": Decimal(2) ** 60,
}  # fmt: skip
_QUANTITY = re.compile(
    r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:(n|u|m|k|[MGTPE]i?|Ki)|[eE]([+-]?\d{1,3}))?$"
)


def normal(value: Any) -> Any:
    """``value`` without what is ``null``, which Kubernetes takes as absent."""
    if isinstance(value, _MAPPING):
        return {
            key: item if type(item) in _WHOLE else normal(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, _LIST):
        known = (item for item in value if item is not None)
        return [item if type(item) in _WHOLE else normal(item) for item in known]
    return value


def name_of(item: Plain) -> str:
    """The object's name; what generates names is called by its prefix and a star."""
    metadata = item.get("metadata", {})
    prefix = metadata.get("generateName", "")
    return str(metadata.get("name") or (f"{prefix}*" if prefix else "?"))


def namespace_of(item: Plain) -> str:
    """The namespace that the object names; "" for none."""
    return str(item.get("metadata", {}).get("namespace", ""))


def pod_of(item: Plain) -> Plain:
    """The pod's ``spec`` inside an object of one of the kinds ``hospital.rule.PODS``.

    KeyError when it has none: such an object cannot be judged.
    """
    spec: Plain = item["spec"]
    if item["kind"] == "Pod":
        return spec
    if item["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found: Plain = spec["template"]["spec"]
    return found


def writable_pod(item: dict[str, Any]) -> dict[str, Any]:
    """The same, of an object that is the caller's own to change."""
    found = pod_of(item)
    assert isinstance(found, dict)  # inside a dict of plain data
    return found


def writable_containers(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every container, of an object that is the caller's own to change."""
    for container in containers(item):
        assert isinstance(container, dict)
        yield container


def template_labels(item: Plain) -> Plain:
    """The labels that the object's pods carry."""
    spec = item.get("spec", {})
    if item["kind"] == "CronJob":
        spec = spec.get("jobTemplate", {}).get("spec", {})
    holder = item if item["kind"] == "Pod" else spec.get("template", {})
    found: Plain = holder.get("metadata", {}).get("labels", {})
    return found


def selects(selector: Plain, labels: Plain) -> bool:
    """Whether a label selector selects what carries these labels; an empty one selects everything.

    An operator that Kubernetes does not know selects nothing.
    """
    wanted = selector.get("matchLabels", {})
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _meets(expression, labels) for expression in selector.get("matchExpressions", ())
    )


def containers(item: Plain) -> Iterator[Plain]:
    """Every container of the object's pods: init, ordinary and ephemeral ones."""
    pod = pod_of(item)
    for kind in CONTAINERS:
        yield from pod.get(kind, ())


def images(item: Plain) -> Iterator[tuple[str, str]]:
    """Every image of the object's pods: of each container, and of volumes that are images.

    Pairs of the container's or the volume's name and the image's.
    """
    for container in containers(item):
        yield container["name"], container["image"]
    for volume in pod_of(item).get("volumes", ()):
        if "image" in volume:
            yield volume["name"], volume["image"]["reference"]


def long_running(item: Plain) -> Iterator[Plain]:
    """The ordinary containers, which serve for as long as the pod lives."""
    yield from pod_of(item).get("containers", ())


def context(item: Plain, container: Plain) -> Plain:
    """The security context in force for a container: the pod's, with its own laid over it."""
    return {**pod_of(item).get("securityContext", {}), **container.get("securityContext", {})}


def quantity(value: str | int | float) -> Decimal:
    """A Kubernetes quantity (``500m``, ``1.5Gi``, ``1e3``, ``2``) in its basic unit.

    ValueError when it is none. Source: ``k8s.io/apimachinery/pkg/api/resource``.
    """
    found = _QUANTITY.match(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is no quantity")
    number, suffix, exponent = found.groups()
    if exponent is not None:
        return Decimal(number) * Decimal(10) ** int(exponent)
    return Decimal(number) * _POWERS[suffix or ""]


def _meets(expression: Plain, labels: Plain) -> bool:
    value, values = labels.get(expression.get("key", "")), expression.get("values", ())
    return {
        "In": value is not None and value in values,
        "NotIn": value is None or value not in values,  # what lacks the label is selected too
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(expression.get("operator", ""), False)
