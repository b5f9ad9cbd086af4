"""Electronic medical records (电子病历系统).

What was found, thought and done for each patient, psychiatric and infectious detail included.
It must never leave the country nor lose a signed record: data level 5, RPO 0.

Figures: inventory of typical systems, hs-11, hs-12 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="emr",
    title_zh="电子病历系统",
    title_en="Electronic medical records",
    category="3 电子病历",
    tier=Tier.A,
    rto=timedelta(minutes=15),
    rpo=timedelta(0),
    data_level=5,
    mlps_level=3,
    crypto_level=3,
    zone="internal",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("his",),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30104,
)
