"""The cloud adapter: what boto3 can raise becomes one of ours.

What it does is shown against an AWS-compatible API in ``tests/stacks/test_engine.py``.
"""

from __future__ import annotations

import pytest
from botocore import exceptions as sdk

from hospital.errors import HospitalError, RefusedError, UnavailableError
from providers.aws import answers

CLASSES = sorted(
    {
        one
        for one in vars(sdk).values()
        if isinstance(one, type) and issubclass(one, sdk.BotoCoreError | sdk.ClientError)
    },
    key=lambda one: one.__name__,
)


def translation(error: Exception) -> HospitalError:
    with pytest.raises(HospitalError) as caught, answers("https://cloud"):
        raise error
    return caught.value


def refusal(code: str, status: int) -> sdk.ClientError:
    said = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(said, "CreateBucket")


@pytest.mark.parametrize("kind", [one for one in CLASSES if issubclass(one, sdk.BotoCoreError)])
def test_every_exception_of_the_sdk_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    error.args = ("said",)
    assert "https://cloud" in str(translation(error))


@pytest.mark.parametrize(
    "kind", [sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ReadTimeoutError]
)
def test_no_answer_may_be_tried_again(kind: type[Exception]) -> None:
    assert isinstance(translation(kind(endpoint_url="u", error="e")), UnavailableError)


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 400), ("InternalError", 500)])
def test_a_busy_cloud_may_be_tried_again(code: str, status: int) -> None:
    assert isinstance(translation(refusal(code, status)), UnavailableError)


def test_a_no_names_the_call_and_the_reason() -> None:
    error = translation(refusal("AccessDenied", 403))
    assert isinstance(error, RefusedError)
    assert str(error) == "https://cloud: CreateBucket: AccessDenied: m"
