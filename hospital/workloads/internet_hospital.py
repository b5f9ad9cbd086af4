"""Internet hospital (互联网医院).

Consultation and prescriptions from home; by law graded 等保 level 3.
It must never reach clinical data but through HIS: it is the one that faces the internet.

Figures: inventory of typical systems, hs-36 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload

WORKLOAD = Workload(
    name="internet-hospital",
    title_zh="互联网医院",
    title_en="Internet hospital",
    category="8 患者服务",
    tier=Tier.B,
    rto=timedelta(hours=1),
    rpo=timedelta(minutes=5),
    data_level=4,
    mlps_level=3,
    crypto_level=3,
    zone="dmz",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("his", "identity"),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30108,
)
