"""The hub's store as Patroni uses it: etcd v3 through its JSON gateway, at one member.

Read, take and revoke only; Patroni alone decides. Reads are linearizable, so a member that
lost its quorum answers nothing rather than something old. It must never happen that a lease
is revoked on the strength of a stale read: the reader of ``leader`` and the caller of
``revoke`` talk to the same quorum.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access
from providers.https import answers, client

# google.rpc codes in the gateway's error body.
_NOT_FOUND = 5
_TRY_AGAIN = frozenset({4, 8, 10, 14})  # deadline, exhausted, aborted, unavailable


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of the store."""

    key: str
    value: str
    lease: str  # hexadecimal; "" for none
    revision: int = 0  # of its last change


class Etcd:
    """One member of the hub's etcd; ``endpoint`` is its https URL."""

    def __init__(self, endpoint: str, access: Access, *, timeout: timedelta) -> None:
        self._endpoint = endpoint
        self._http = client(endpoint, access, timeout=timeout)

    def read(self, prefix: str) -> tuple[Entry, ...]:
        """All keys that begin with ``prefix``, by one quorum read."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        body = self._call("/v3/kv/range", {"key": _encoded(prefix), "range_end": _encoded(end)})
        return tuple(_entry(found) for found in body.get("kvs", ()))

    def take(self, key: Entry, *, rewrite: Entry | None) -> bool:
        """In one transaction delete ``key`` and write ``rewrite`` again with its own value.

        Only if neither changed since it was read; whether it was done. Writing a value again
        makes every compare-and-swap fail that somebody prepared on its revision.
        """
        unchanged, acts = [_unchanged(key)], [{"request_delete_range": {"key": _encoded(key.key)}}]
        if rewrite is not None:
            put = {"key": _encoded(rewrite.key), "value": _encoded(rewrite.value)}
            unchanged.append(_unchanged(rewrite))
            acts.append({"request_put": put})
        return bool(
            self._call("/v3/kv/txn", {"compare": unchanged, "success": acts}).get("succeeded")
        )

    def revoke(self, lease: str) -> None:
        """End a lease, and with it every key attached to it; one that is gone is success."""
        self._call("/v3/lease/revoke", {"ID": str(int(lease, 16))}, accepted=_NOT_FOUND)

    def close(self) -> None:
        """Give up the connection."""
        self._http.close()

    def _call(self, path: str, content: dict[str, Any], *, accepted: int = 0) -> dict[str, Any]:
        with answers(self._endpoint):
            response = self._http.post(path, json=content)
        body = _body(response)
        if response.is_success:
            return body
        code = int(body.get("code", 0))
        if code and code == accepted:
            return {}
        message = str(body.get("message") or f"HTTP {response.status_code}")
        if code in _TRY_AGAIN or response.status_code >= 500:
            raise UnavailableError(self._endpoint, message)
        raise RefusedError(self._endpoint, message)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _entry(found: dict[str, str]) -> Entry:
    lease = int(found.get("lease", "0"))
    return Entry(
        key=b64decode(found["key"]).decode(),
        value=b64decode(found.get("value", "")).decode(),
        lease=f"{lease:x}" if lease else "",
        revision=int(found.get("mod_revision", "0")),
    )


def _unchanged(entry: Entry) -> dict[str, str]:
    return {
        "key": _encoded(entry.key),
        "target": "MOD",
        "result": "EQUAL",
        "mod_revision": str(entry.revision),
    }


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
