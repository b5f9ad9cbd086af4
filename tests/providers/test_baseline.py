"""The baseline of an account: made again it changes nothing, what is gone is seen, records stay.

An AWS-compatible API (moto, simulated).
"""

from __future__ import annotations

import pytest

from hospital.errors import RefusedError
from providers.aws import Cloud
from providers.baseline import KEPT, Baseline
from providers.resources import kinds

REGION, NAME, NETWORK = "cn-north-1", "lab-records", "lab-cloud"
THERE = {"passwords": True, "trail": True, "flows": True}


@pytest.fixture(scope="module")
def cloud(simulated_cloud: Cloud) -> Cloud:
    subnets = {f"{REGION}a": "10.3.0.0/20"}
    simulated_cloud.ensure_network(NETWORK, cidr="10.3.0.0/16", subnets=subnets, open_ports=(443,))
    return simulated_cloud


@pytest.fixture
def baseline(cloud: Cloud) -> Baseline:
    made = Baseline(cloud, NAME, network=NETWORK)
    made.ensure()
    return made


def test_made_once_or_twice_it_is_there_once(cloud: Cloud, baseline: Baseline) -> None:
    baseline.ensure()
    assert baseline.seen() == THERE
    assert len(cloud.client("ec2").describe_flow_logs()["FlowLogs"]) == 1
    assert len(cloud.client("cloudtrail").describe_trails()["trailList"]) == 1


@pytest.mark.parametrize("gone", ["passwords", "trail", "flows"])
def test_what_somebody_took_away_is_seen_and_comes_back(
    cloud: Cloud, baseline: Baseline, gone: str
) -> None:
    if gone == "passwords":
        cloud.client("iam").update_account_password_policy(MinimumPasswordLength=6)
    elif gone == "trail":
        cloud.client("cloudtrail").stop_logging(Name=NAME)
    else:
        ids = [each["FlowLogId"] for each in cloud.client("ec2").describe_flow_logs()["FlowLogs"]]
        cloud.client("ec2").delete_flow_logs(FlowLogIds=ids)
    assert baseline.seen() == {**THERE, gone: False}
    baseline.ensure()
    assert baseline.seen() == THERE


def test_an_import_by_its_id_finds_it_whole(cloud: Cloud, baseline: Baseline) -> None:
    inputs = {"name": NAME, "network": NETWORK, "region": REGION, "endpoint": cloud.endpoint}
    kind = kinds()["CloudBaseline"](cloud._access)
    checked = kind.check(inputs)
    assert kind.read(kind.id(checked), {}) == checked


def test_stopped_twice_it_is_gone_and_what_was_written_stays(
    cloud: Cloud, baseline: Baseline
) -> None:
    baseline.stop()
    baseline.stop()
    assert baseline.seen() is None
    lock = cloud.client("s3").get_object_lock_configuration(Bucket=NAME)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"]["Days"] == KEPT


def test_without_its_network_it_is_refused(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match="no network nowhere"):
        Baseline(cloud, "other", network="nowhere").ensure()
