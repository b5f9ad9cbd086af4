"""Hospital resource planning (医院运营管理系统).

Finance, budget and supplies: a morning without it is a nuisance, not a danger.
It must never take capacity from a clinical workload during a recovery.

Figures: inventory of typical systems, hs-41 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="hrp",
    title_zh="医院运营管理系统",
    title_en="Hospital resource planning",
    category="9 运营管理",
    tier=Tier.C,
    rto=timedelta(hours=12),
    rpo=timedelta(hours=4),
    data_level=3,
    mlps_level=3,
    crypto_level=2,
    zone="internal",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("identity",),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30107,
)
