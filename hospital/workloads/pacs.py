"""Picture archiving and communication system (影像归档与通信系统).

Images of the last two years; modalities buffer what they took until it is archived.
It must never report an image as archived before two sites hold it.

Figures: inventory of typical systems, hs-19 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="pacs",
    title_zh="影像归档与通信系统",
    title_en="Picture archiving and communication system",
    category="4 医技",
    tier=Tier.B,
    rto=timedelta(hours=2),
    rpo=timedelta(minutes=15),
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
    node_port=30106,
)
