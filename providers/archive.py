"""Copies of evidence outside the hub: in the object bucket of every public-cloud site.

The record of what was done must not burn with the hospital. A copy is one object per record,
``evidence/evidence-<sequence>.json``, with the same four fields as in the hub, so that it can be
verified without any hub. What must never happen: a copy that is changed or removed by us. The
bucket keeps versions (``providers/aws.py``), and what lies in it already is never written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from hospital.errors import HospitalError, RefusedError
from hospital.estate import Estate, SiteKind
from providers.access import Access
from providers.aws import Cloud
from providers.evidence import Entry, HubEvidence

PREFIX = "evidence/"
SECONDS = 3.0  # for one answer of a bucket: whoever copies must not be missed elsewhere
AT_ONCE = 50  # copies to one bucket in one call, for the same reason


class Bucket:
    """The copies at one cloud site."""

    def __init__(self, cloud: Cloud, *, site: str, name: str) -> None:
        self.site = site
        self._cloud = cloud
        self._name = name
        self._known: frozenset[str] = frozenset()  # entries that are there, as last listed

    def keep(self, entries: Iterable[Entry]) -> tuple[str, ...]:
        """Put copies of the first ``AT_ONCE`` that have none yet; the names of what was put."""
        missing = [entry for entry in entries if entry.name not in self._known]
        if missing:
            self._known = frozenset(map(_entry_name, self._objects()))
            missing = [entry for entry in missing if entry.name not in self._known]
        for entry in missing[:AT_ONCE]:
            body = json.dumps(entry.plain(), ensure_ascii=False, indent=1).encode()
            self._cloud.put(self._name, f"{PREFIX}{entry.name}.json", body)
            self._known |= {entry.name}
        return tuple(entry.name for entry in missing[:AT_ONCE])

    def entries(self) -> tuple[Entry, ...]:
        """Every copy in order of sequence; RefusedError for an object that is none."""
        return tuple(map(self._entry, self._objects()))

    def _objects(self) -> tuple[str, ...]:
        return self._cloud.objects(self._name, prefix=PREFIX)

    def _entry(self, key: str) -> Entry:
        try:
            plain = json.loads(self._cloud.read(self._name, key))
            return Entry.of(_entry_name(key), plain)
        except (ValueError, AttributeError) as error:
            where = f"{self._cloud.endpoint}/{self._name}/{key}"
            raise RefusedError(where, f"is no copy of a record: {error}") from error


class EvidenceCopies:
    """EvidenceArchive: the buckets of an estate's public-cloud sites."""

    def __init__(self, evidence: HubEvidence, buckets: Iterable[Bucket]) -> None:
        self._evidence = evidence
        self._buckets = tuple(buckets)

    def copy(self) -> tuple[str, ...]:
        """Copy what is missing; one bucket's trouble does not keep the others from theirs."""
        entries = self._evidence.entries() if self._buckets else ()
        done: list[str] = []
        trouble: list[HospitalError] = []
        for bucket in self._buckets:
            try:
                done += [f"{name} at {bucket.site}" for name in bucket.keep(entries)]
            except HospitalError as error:
                trouble.append(error)
        if trouble:
            raise trouble[0]
        return tuple(done)


def buckets(estate: Estate, access: Access) -> tuple[Bucket, ...]:
    """Where copies belong: one bucket per public-cloud site, none in a hospital without a cloud."""
    return tuple(
        Bucket(
            Cloud(site.endpoints.cloud, site.region, access, timeout=SECONDS),
            site=site.name,
            name=estate.bucket(site.name),
        )
        for site in estate.sites
        if site.kind is SiteKind.PUBLIC_CLOUD
    )


def differences(originals: Iterable[Entry], copies: Iterable[Entry]) -> tuple[str, ...]:
    """What is wrong with the copies of one bucket, compared with the hub's records."""
    there, kept = ({entry.name: entry for entry in each} for each in (originals, copies))
    found: list[str] = []
    for name in sorted(there.keys() | kept.keys()):
        if name not in kept:
            found.append(f"{name}: has no copy")
        elif name not in there:
            found.append(f"{name}: only the copy is there")
        elif kept[name] != there[name]:
            found.append(f"{name}: the copy is not the record")
    return tuple(found)


def _entry_name(key: str) -> str:
    return key.removeprefix(PREFIX).removesuffix(".json")
