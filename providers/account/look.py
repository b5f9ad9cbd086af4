"""One look at an account: asks page by page, and remembers what was refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from hospital.errors import RefusedError
from providers.aws import Cloud, answers, unless_absent

Plain = dict[str, Any]
_Value = TypeVar("_Value")


class Look:
    """``refused`` holds each refusal once, in the order of the calls."""

    def __init__(self, cloud: Cloud) -> None:
        self.region = cloud.region
        self.refused: dict[str, None] = {}
        self._endpoint = cloud.endpoint
        self.reaches = cloud.reaches
        self.client = cache(cloud.client)  # boto3 reads megabytes of descriptions for each

    def ask(self, read: Callable[[], _Value]) -> _Value | None:
        """What ``read`` says; None if the cloud refuses; UnavailableError if it does not answer."""
        try:
            with answers(self._endpoint):
                return read()
        except RefusedError as refusal:
            self.refused[str(refusal)] = None
            return None

    def pages(self, service: str, call: str, item: str, *, region: str = "", **asked: Any) -> Any:
        """Every ``item`` of every page, as a list; to be called within ``ask``."""
        client = self.client(service, region=region) if region else self.client(service)
        if not client.can_paginate(call):
            return list(getattr(client, call)(**asked)[item])
        found = client.get_paginator(call).paginate(**asked)
        return [each for page in found for each in page.get(item, ())]

    def optional(self, read: Callable[[], Plain], *absent: str) -> Plain:
        """What ``read`` says, or nothing if the cloud answers that there is no such thing."""
        found: Plain | None = unless_absent(read, absent=frozenset(absent))
        return found or {}
