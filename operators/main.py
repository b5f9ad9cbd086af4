"""The operator of one site. This page is the table of contents.

=====================  ==============================================================
``operators/detection``    loops: probe, heartbeat, elect, judge (who is lost, what begins)
``operators/recovery``     RecoveryActions: taken forward by the leader, from any step
``operators/migration``    Migrations: the same, and back while that is possible
``operators/declarations`` Sites, Workloads, RecoveryPlans: read anew when they change
``operators/place``        replicas and names equal the record, at this operator's own site
``operators/leader``       one decides, by Lease
``operators/status``       every condition that is written
``operators/post``         one operator's rounds, without kopf and without threads
``operators/moving``       of these, the rounds of a migration
=====================  ==============================================================

    kopf run -m operators.main --standalone --all-namespaces \\
        --liveness=http://127.0.0.1:8880/healthz

Environment: ``XINGLIN_SITE``, ``XINGLIN_HUB`` (URL of the hub's API server at this site),
``XINGLIN_ACCESS`` (``docs/architecture.md``, "Credentials"). The estate is read from the hub.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import kopf

from hospital.errors import DeclarationError, Problem, RefusedError, UnavailableError
from operators import declarations, detection, migration, recovery
from operators.post import Clocks, Post
from operators.pulse import Pulse
from providers.access import Access
from providers.reach import Reach

__all__ = ["declarations", "detection", "migration", "recovery"]

LOG = logging.getLogger("xinglin")
FINALIZER = "xinglin.dev/operator"  # one for all sites: any living operator can take it off


@kopf.on.startup()
def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    """Configure kopf for seconds instead of minutes, and take up the post."""
    configure(settings)
    site, hub = _environment("XINGLIN_SITE"), _environment("XINGLIN_HUB")
    reach = Reach(site, hub=hub, access=Access.from_environment())
    _await_kinds(reach)
    memo.pulse = Pulse()
    memo.post = Post(
        site,
        instance=uuid.uuid4().hex[:8],
        hands=reach,
        clocks=Clocks(monotonic=time.monotonic, epoch=time.time, pause=time.sleep),
        crew=ThreadPoolExecutor(max_workers=24, thread_name_prefix="step"),
        stories=ThreadPoolExecutor(max_workers=8, thread_name_prefix="story"),
        adopt=reach.adopt,
        kit=reach.kit,
    )
    detection.begin(memo.post, memo.pulse)
    LOG.info("operator of %s at its post, as %s", site, memo.post.leadership.identity)


@kopf.on.login()
def login(**_: Any) -> kopf.ConnectionInfo:
    """The client certificate of this site's operator identity, at this site's hub API server."""
    access = Access.from_environment()
    return kopf.ConnectionInfo(
        server=_environment("XINGLIN_HUB"),
        ca_path=str(access.path("ca.crt")),
        certificate_path=str(access.path("tls.crt")),
        private_key_path=str(access.path("tls.key")),
    )


@kopf.on.cleanup()
def stop(memo: kopf.Memo, **_: Any) -> None:
    """Leave the post: give the lead up at once, so that another need not wait."""
    memo.pulse.stop()
    memo.post.leave()


@kopf.on.probe(id="loops")
def alive(memo: kopf.Memo, **_: Any) -> dict[str, Any]:
    """Liveness: fails (HTTP 500) when a loop stalls; says whether the hub has quorum."""
    stale = memo.pulse.stale()
    if stale:
        raise kopf.PermanentError(f"stalled: {', '.join(stale)}")
    post: Post = memo.post
    return {"quorum": post.watch.quorum(), "leading": post.leadership.leading()}


def configure(settings: kopf.OperatorSettings) -> None:
    """kopf's settings: short timeouts (a watch on a dead member must not look alive)."""
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.StatusProgressStorage(field="status.kopf")
    settings.posting.enabled = False  # events are ours, with our own reasons
    settings.networking.connect_timeout = 1.0
    settings.networking.request_timeout = 5.0
    settings.networking.error_backoffs = (0.1, 0.2, 0.5, 1.0)
    settings.watching.connect_timeout = 1.0
    settings.watching.server_timeout = 60  # must be a whole number
    settings.watching.client_timeout = 65.0
    settings.execution.max_workers = 8
    for chatty in ("kopf.objects", "httpx"):  # else a line for every event and every request
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings.process.ultimate_exiting_timeout = 10.0


def _await_kinds(reach: Reach) -> None:
    """Come again until the hub serves our kinds: kopf never watches what it did not find once."""
    try:
        reach.hub.declared()
        reach.hub.actions()
        reach.hub.migrations()
    except (UnavailableError, RefusedError) as error:
        raise kopf.TemporaryError(f"the hub is not ready: {error}", delay=1.0) from error


def _environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        problem = Problem("environment", name, "is not set", "see operators/main.py")
        raise DeclarationError((problem,))
    return value
