"""Laboratory information system (检验信息系统).

Samples, analysers and results; the analysers keep about a minute of results themselves.
It must never attach a result to another patient's sample.

Figures: inventory of typical systems, hs-16 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="lis",
    title_zh="检验信息系统",
    title_en="Laboratory information system",
    category="4 医技",
    tier=Tier.A,
    rto=timedelta(minutes=30),
    rpo=timedelta(minutes=1),
    data_level=4,
    mlps_level=3,
    crypto_level=3,
    zone="device",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("integration",),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30105,
)
