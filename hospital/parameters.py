"""What an estate may set of the rules: every parameter with its default and its lawful range.

Written here and not in the rules, because a declaration is read, and described to editors, by
programs that know no rule; a test holds both together. A bound is where a law, a standard or the
rule's own sense ends: an estate may ask more of itself than a rule does, and never less than that.
"""

from __future__ import annotations

from collections.abc import Iterable

from hospital.addresses import MANAGEMENT_PORTS
from hospital.rule import Parameter, Text

PUBLIC = ("docker.io", "quay.io", "ghcr.io", "gcr.io", "registry.k8s.io", "public.ecr.aws")
"""Registries into which anybody may push."""

PARAMETERS = (
    Parameter(
        rule="image_registry_named",
        name="allowed",
        default=(),
        title=Text("允许的镜像仓库主机名；空为除公共仓库外均可", "registries; none: not public"),
        never=PUBLIC,
        source="GB/T 22239-2019 8.2.6.2",
    ),
    Parameter(
        rule="listing_lapses_soon",
        name="noticeDays",
        default=180,  # practice: one budget half-year
        title=Text("目录到期前多少天提示", "days before its end that a listing is told"),
        least=90,  # practice: a tender alone takes a quarter
        most=1095,
        source="安全可靠测评: 结果有效期三年",
    ),
    Parameter(
        rule="objectives_fit_tier",
        name="rtoMinutesTierA",
        default=30,
        title=Text("A 类业务 RTO 上限（分钟）", "longest RTO of tier A, minutes"),
        least=1,
        most=30,
        source="practice, as the rule says",
    ),
    Parameter(
        rule="objectives_fit_tier",
        name="rtoMinutesTierB",
        default=120,
        title=Text("B 类业务 RTO 上限（分钟）", "longest RTO of tier B, minutes"),
        least=1,
        most=120,
        source="practice, as the rule says",
    ),
    Parameter(
        rule="only_https_open",
        name="ports",
        default=(443,),
        title=Text("允许对外开放的端口", "ports that may be open to the outside"),
        least=1,
        most=65535,
        never=tuple(sorted({80, *MANAGEMENT_PORTS})),
        source="GB/T 22239-2019 8.1.4.4 b",
    ),
    Parameter(
        rule="replicas_redundant",
        name="replicas",
        default=2,
        title=Text("A、B 类业务最少副本数", "least copies of a workload of tier A or B"),
        least=2,
        most=20,
        source="GB/T 22239-2019 8.1.4.9 c",
    ),
    Parameter(
        rule="webhook_answers_soon",
        name="longestSeconds",
        default=10,
        title=Text("准入回调最长等待秒数", "seconds that a webhook is waited for"),
        least=1,
        most=10,
        source="Kubernetes' default",
    ),
)
"""By rule and name."""


def of(rule: str) -> tuple[Parameter, ...]:
    """The parameters of one rule."""
    return tuple(each for each in PARAMETERS if each.rule == rule)


def rules(parameters: Iterable[Parameter] = PARAMETERS) -> tuple[str, ...]:
    """The rules that have any, once each."""
    return tuple(dict.fromkeys(each.rule for each in parameters))
