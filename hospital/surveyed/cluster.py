"""A Kubernetes control plane as it runs: what its API server says of itself and of its nodes.

Read with an auditor's rights from the API server (``/flagz``, ``/version``, ``/metrics``, objects),
never from files that may say something else. No Secret, and no content of a workload, is among it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hospital.estate import Architecture


@dataclass(frozen=True, slots=True)
class SeenNode:
    """What a kubelet reports of its machine (``status.nodeInfo``); "" where it reports nothing."""

    name: str
    kubelet: str  # "v1.37.2"; "kwok-…" of a node that KWOK only plays
    runtime: str  # "containerd://1.6.20"
    kernel: str  # `uname -r`
    image: str  # PRETTY_NAME of /etc/os-release
    architecture: str  # as Go spells it: "amd64", "arm64", "loong64"


@dataclass(frozen=True, slots=True)
class SeenGate:
    """One object of the third gate, compared with what this version of Xinglin generates."""

    name: str  # "<Kind>/<name>"
    state: str  # "as generated", "changed" or "absent"


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What the API server said; None: it did not say, or not to this identity."""

    version: str  # `/version`: "v1.37.2"
    flags: Mapping[str, str] | None = None  # `/flagz`: name without dashes → value in effect
    # `/metrics`, kubernetes_feature_enabled: features of stage ALPHA that are on
    alpha_features: tuple[str, ...] | None = None
    # `/metrics`, apiserver_storage_transformation_operations_total: with which transformers
    # Secrets were written since the start, "k8s:enc:secretbox:v1:"; "" is plain text
    secret_writers: tuple[str, ...] | None = None
    nodes: tuple[SeenNode, ...] | None = None
    gate: tuple[SeenGate, ...] | None = None  # empty at the hub, where no workload enters


@dataclass(frozen=True, slots=True)
class SurveyedCluster:
    """The site's own cluster, or the hub's API server at that site."""

    name: str  # "site@<site>" or "hub@<site>"
    site: str
    endpoint: str  # https URL
    architectures: tuple[Architecture, ...]  # declared for the site
    products: tuple[str, ...]  # declared for the site: ids of the catalogue
    facts: ClusterFacts
