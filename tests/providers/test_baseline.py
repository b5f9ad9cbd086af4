"""The baseline of an account: made again it changes nothing, what is gone is seen, records stay.

An AWS-compatible API (moto, simulated).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access
from providers.aws import Cloud
from providers.baseline import KEPT, Baseline
from providers.resources import kinds

REGION, NAME, NETWORK = "cn-north-1", "lab-records", "lab-cloud"
THERE = {"passwords": True, "trail": True, "flows": True}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("cloud")
    key = {"access_key": "AKIAEXAMPLE", "secret_key": "example"}
    (directory / "cloud.json").write_text(json.dumps(key))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = Cloud(f"http://127.0.0.1:{port}", REGION, Access(directory), timeout=30)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                made.bucket("none")
                break
            except UnavailableError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        subnets = {f"{REGION}a": "10.3.0.0/20"}
        made.ensure_network(NETWORK, cidr="10.3.0.0/16", subnets=subnets, open_ports=(443,))
        yield made
    finally:
        server.kill()
        server.wait()


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
