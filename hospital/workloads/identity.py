"""Identity and single sign-on (统一身份认证).

Staff accounts, sign-on and roles: the first to come up, since nothing else lets anyone in.
It must never depend on another workload: then nobody could sign in to repair that one.

Figures: inventory of typical systems, hs-53 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="identity",
    title_zh="统一身份认证",
    title_en="Identity and single sign-on",
    category="12 基础与安全",
    tier=Tier.A,
    rto=timedelta(minutes=15),
    rpo=timedelta(0),
    data_level=3,
    mlps_level=3,
    crypto_level=3,
    zone="internal",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=(),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30101,
)
