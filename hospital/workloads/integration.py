"""Integration platform (集成平台).

The service bus through which systems exchange orders, results and charges.
It must never acknowledge a message that is not stored: senders forget what was acknowledged.

Figures: inventory of typical systems, hs-30 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="integration",
    title_zh="集成平台",
    title_en="Integration platform",
    category="7 集成与数据",
    tier=Tier.A,
    rto=timedelta(minutes=15),
    rpo=timedelta(0),
    data_level=4,
    mlps_level=3,
    crypto_level=3,
    zone="internal",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("identity",),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30102,
)
