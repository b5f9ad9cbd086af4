"""The Kubernetes adapter: what its SDK can raise, what a real API server does with our calls."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
import urllib3
from kubernetes.client import exceptions as sdk

from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.story import Action, ActionKind, StepRecord, StepState
from providers.access import Access
from providers.hub import Hub
from providers.kubernetes import PULUMI, RECOVERY, Cluster, Ref, translated
from providers.ports import Lease

CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "thing", "namespace": "xinglin"},
    "data": {"a": "1"},
}


def exception_classes(module: Any, root: type[Exception]) -> list[type[Exception]]:
    found = [one for one in vars(module).values() if isinstance(one, type)]
    return sorted({one for one in found if issubclass(one, root)}, key=lambda one: one.__name__)


def translation(error: Exception) -> HospitalError:
    with pytest.raises(HospitalError) as caught, translated("https://site:6443"):
        raise error
    return caught.value


@pytest.mark.parametrize("kind", exception_classes(sdk, sdk.OpenApiException))
def test_every_exception_of_the_sdk_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = translation(kind.__new__(kind, "said") if kind is not sdk.ApiException else kind())
    assert "https://site:6443" in str(error)


@pytest.mark.parametrize(
    "kind", exception_classes(urllib3.exceptions, urllib3.exceptions.HTTPError)
)
def test_every_exception_of_the_transport_is_no_answer(kind: type[Exception]) -> None:
    # Most cannot be made without a connection at hand; what they are is all that matters.
    plain = type(kind.__name__, (kind,), {"__init__": _quiet, "__str__": lambda self: "said"})
    assert isinstance(translation(plain()), UnavailableError)


def _quiet(self: object) -> None:
    """Instead of the library's own constructor."""


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_may_be_asked_again(status: int) -> None:
    assert isinstance(translation(sdk.ApiException(status=status, reason="x")), UnavailableError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 415, 422])
def test_a_no_is_a_no(status: int) -> None:
    assert isinstance(translation(sdk.ApiException(status=status, reason="x")), RefusedError)


def test_a_field_that_no_schema_knows_is_a_no_though_the_server_calls_it_its_own_failure() -> None:
    error = sdk.ApiException(status=500, reason="Internal Server Error")
    error.body = '{"message":"failed: .spec.nonsense: field not declared in schema","code":500}'
    assert isinstance(translation(error), RefusedError)


@pytest.mark.lab
def test_each_manager_keeps_its_field(api_server: Any) -> None:
    cluster = api_server.cluster()
    other = CONFIG | {"data": {"b": "2"}}
    assert [str(one) for one in cluster.apply([CONFIG], field_manager=PULUMI)] == [
        "ConfigMap/thing: add None → None"
    ]
    cluster.apply([other], field_manager=RECOVERY)
    assert cluster.apply([CONFIG], field_manager=PULUMI, dry_run=True) == ()
    assert cluster.get(Ref.of(CONFIG))["data"] == {"a": "1", "b": "2"}


@pytest.mark.lab
def test_a_dry_run_tells_the_field_and_changes_nothing(api_server: Any) -> None:
    cluster = api_server.cluster()
    cluster.apply([CONFIG], field_manager=PULUMI)
    changed = CONFIG | {"data": {"a": "9"}}
    told = cluster.apply([changed], field_manager=PULUMI, dry_run=True)
    assert [(one.path, one.before, one.after) for one in told] == [(("data", "a"), "1", "9")]
    assert cluster.get(Ref.of(CONFIG))["data"]["a"] == "1"


@pytest.mark.lab
def test_a_secret_differs_but_is_never_told(api_server: Any) -> None:
    cluster = api_server.cluster()
    secret = CONFIG | {"kind": "Secret", "data": {"key": "b25l"}}
    cluster.apply([secret], field_manager=PULUMI)
    told = cluster.apply([secret | {"data": {"key": "dHdv"}}], field_manager=PULUMI, dry_run=True)
    assert len(told) == 1
    assert "b25l" not in repr(told)
    assert "dHdv" not in repr(told)


@pytest.mark.lab
def test_deleting_twice_is_success(api_server: Any) -> None:
    cluster = api_server.cluster()
    cluster.apply([CONFIG], field_manager=PULUMI)
    assert cluster.delete(Ref.of(CONFIG))
    assert not cluster.delete(Ref.of(CONFIG))
    assert cluster.get(Ref.of(CONFIG)) is None


@pytest.mark.lab
def test_an_identity_without_rights_is_refused(api_server: Any) -> None:
    nobody = Cluster(api_server.endpoint, Access(api_server.authority.issue("nobody")), read=5)
    with pytest.raises(RefusedError, match="403"):
        nobody.items("v1", "Secret")


@pytest.mark.lab
def test_of_two_who_want_a_lease_one_gets_it(api_server: Any) -> None:
    hub = Hub(api_server.cluster())
    won = hub.write(Lease("race", "a", time.time(), 2.0))
    with pytest.raises(RefusedError):
        hub.write(Lease("race", "b", time.time(), 2.0))
    renewed = hub.write(
        Lease("race", "a", time.time(), 1.3, {"xinglin.dev/seen": "[]"}, won.version)
    )
    with pytest.raises(RefusedError):
        hub.write(Lease("race", "b", time.time(), 2.0, {}, won.version))
    assert renewed in hub.leases()
    assert renewed.duration_seconds == 1.3


@pytest.mark.lab
def test_an_action_comes_back_as_it_was_asked_and_only_one_operator_records(
    api_server: Any,
) -> None:
    mine, theirs = Hub(api_server.cluster()), Hub(api_server.cluster())
    asked = Action("one", "clinical", ActionKind.FAILOVER, "cloud", "drill", "sre", 1234.5)
    mine.create_action(asked)
    with pytest.raises(RefusedError):
        mine.create_action(asked)
    assert [each for each in theirs.actions() if each.name == "one"] == [asked]
    steps = (StepRecord("FenceHost/campus-x86-db-1", StepState.INTENDED, 1.25, None, "mine", "x"),)
    mine.record("one", records=steps, phase="Running", message="begun")
    with pytest.raises(RefusedError):
        theirs.record("one", records=(), phase="Blocked", message="late")
    found = next(each for each in theirs.actions() if each.name == "one")
    assert (found.records, found.message) == (steps, "begun")


@pytest.mark.lab
def test_a_server_that_is_not_there_costs_no_more_than_its_timeout(api_server: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        endpoint = f"https://127.0.0.1:{silent.getsockname()[1]}"
        cluster = Cluster(endpoint, api_server.admin, connect=0.5, read=0.5)
        began = time.monotonic()
        with pytest.raises(UnavailableError, match=endpoint):
            cluster.items("v1", "Namespace")
        assert time.monotonic() - began < 2


@pytest.mark.lab
def test_one_cluster_serves_many_threads(api_server: Any) -> None:
    cluster = api_server.cluster()
    failed: list[Exception] = []

    def look() -> None:
        try:
            for _ in range(5):
                assert cluster.items("v1", "Namespace")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
