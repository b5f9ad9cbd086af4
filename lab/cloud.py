"""A simulated public cloud that asks who calls: moto's server, with the account's users in it.

``python -m lab.cloud USERS -H ADDRESS -p PORT``: each call is judged by signature, action and
resource, as a cloud would. moto keeps nothing on disk; a cloud site that returns after a fire has
the same users with the same keys, and is empty else, as a new account. What must never happen: a
call that is answered although nobody asked who it came from.

Conditions moto does not judge, and a few actions of S3 it takes for others: who reads a bucket's
encryption asks to list it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSRequest
from moto import settings
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import IAMRequestBase
from moto.iam.models import iam_backends
from moto.server import main as serve
from moto.utilities.utils import get_partition

_AS_MOTO_READ = IAMRequestBase._create_aws_request


def fill(told: dict[str, Any]) -> None:
    """Make the users (``lab.account.users``) in this process's moto; every call is judged then."""
    account = iam_backends[DEFAULT_ACCOUNT_ID][get_partition(told["region"])]
    for name, each in told["users"].items():
        account.create_user(told["region"], name)
        account.put_user_policy(name, "work", json.dumps(each["policy"]))
        key = account.create_access_key(name)
        account.access_keys.pop(key.access_key_id)
        key.access_key_id = each["key"]["access_key"]
        key.secret_access_key = each["key"]["secret_key"]
        account.access_keys[key.access_key_id] = key
    IAMRequestBase._create_aws_request = _as_sent  # type: ignore[method-assign]
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0


def _as_sent(self: IAMRequestBase) -> AWSRequest:
    """The request whose signature is compared: moto takes the query of a GET for a body.

    Route 53 is asked that way. The body of a form has been read when moto comes here: ``_data``.
    """
    read = self._data
    self._data = read if self._method == "POST" else {}
    try:
        return _AS_MOTO_READ(self)
    finally:
        self._data = read


if __name__ == "__main__":
    fill(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    serve(sys.argv[2:])
