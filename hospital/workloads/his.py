"""Hospital information system (医院信息系统).

Registration, orders, charges and beds: while it is down, outpatients wait in the hall.
It must never show an order as placed that a failover could forget, hence RPO 0.

Figures: inventory of typical systems, hs-02, hs-03, hs-06, hs-07 (practice, in no standard).
"""

from __future__ import annotations

from datetime import timedelta

from hospital.estate import Architecture, Tier, Workload
from hospital.load import Endpoints, Write

WORKLOAD = Workload(
    name="his",
    title_zh="医院信息系统",
    title_en="Hospital information system",
    category="1 门急诊",
    tier=Tier.A,
    rto=timedelta(minutes=15),
    rpo=timedelta(0),
    data_level=4,
    mlps_level=3,
    crypto_level=3,
    zone="internal",
    architectures=(Architecture.AMD64, Architecture.ARM64),
    depends_on=("identity", "integration"),
    database="",
    replicas=2,
    cpu_millicores=100,
    memory_mebibytes=64,
    node_port=30103,
)

ENDPOINTS = Endpoints(
    lists=("/patients", "/orders"),
    writes=(
        Write("/patients", ("name", "key")),
        Write("/orders", ("item", "key"), needs={"patient_id": "/patients"}),
    ),
)
