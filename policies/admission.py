"""The third gate: an HTTPS server that a cluster's API server asks before it takes an object.

    python -m policies.admission --listen 10.1.0.1:9443 --access DIRECTORY

``DIRECTORY`` is an access directory (``docs/architecture.md``, "Credentials"): ``tls.crt`` and
``tls.key`` are the server's; if it holds ``apiserver_ca.crt``, only clients with a certificate of
that authority are answered. A certificate that is renewed on disk is shown to new connections
within a second. It is a program of its own (``docs/decisions/0008``). What must never happen: an
object's content in the log, which may be a Secret.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from aiohttp import web

from policies import day
from policies.judgement import Finding
from policies.review import MalformedError, Request, admission_rules, answer, findings, read
from policies.rules import FoundRule, load
from policies.webhook import PATH

LOG = logging.getLogger("xinglin.admission")
LARGEST = 3 * 1024**2  # bytes of a review: twice what etcd takes, for the old object comes along
RENEWAL_SECONDS = 1.0
GRACE_SECONDS = 5.0  # for the reviews under way when SIGTERM comes


class Certificate:
    """The server's certificate: the TLS context that shows it, and whether the disk has a newer."""

    def __init__(self, access: Path) -> None:
        """OSError or ssl.SSLError if the files are not there or do not fit each other."""
        self._pair = (access / "tls.crt", access / "tls.key")
        self._seen = self._stamp()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(*self._pair)
        client_authority = access / "apiserver_ca.crt"
        if client_authority.exists():
            self.context.load_verify_locations(client_authority)
            self.context.verify_mode = ssl.CERT_REQUIRED

    def renew(self) -> None:
        """Show what is on disk from the next connection on, if it changed and is whole."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            # Tried apart first: a half-written pair would leave the live context without a key.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._pair)
            self.context.load_cert_chain(*self._pair)
        except (OSError, ssl.SSLError) as error:
            LOG.warning("the certificate on disk is not whole, the old one stays: %s", error)
            return
        self._seen = stamp
        LOG.info("the certificate was renewed")

    def _stamp(self) -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in self._pair)


def application(rules: Sequence[FoundRule], *, today: Callable[[], date]) -> web.Application:
    """``POST /validate`` answers AdmissionReviews by these rules; ``GET /healthz``."""

    async def validate(request: web.Request) -> web.Response:
        try:
            asked = read(json.loads(await request.read()))
            found = findings(asked, rules, today=today())
        except (ValueError, RecursionError) as error:
            raise web.HTTPBadRequest(text=_why(error)) from error
        _log(asked, found)
        return web.json_response(answer(asked, found))

    async def healthy(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application(client_max_size=LARGEST)
    app.add_routes([web.post(PATH, validate), web.get("/healthz", healthy)])
    return app


async def serve(app: web.Application, certificate: Certificate, *, address: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT, then finish what is under way."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, address, port, ssl_context=certificate.context).start()
        LOG.info("listening on %s port %d", address, port)
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), RENEWAL_SECONDS)
            certificate.renew()
    finally:
        await runner.cleanup()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of ``python -m policies.admission``."""
    parser = argparse.ArgumentParser(prog="python -m policies.admission", description=__doc__)
    parser.add_argument("--listen", type=_listen, required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--access", type=Path, required=True, metavar="DIRECTORY")
    options = parser.parse_args(arguments)
    try:
        certificate = Certificate(options.access)
    except (OSError, ssl.SSLError) as error:
        parser.error(f"--access: {error}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    address, port = options.listen
    rules = admission_rules()
    load(rules)  # now, and not while an API server waits
    app = application(rules, today=day.today)
    asyncio.run(serve(app, certificate, address=address, port=port))


def _listen(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def _why(error: Exception) -> str:
    """The reason for a 400; the parser's own words could quote what was sent."""
    return str(error) if isinstance(error, MalformedError) else "the body is not JSON"


def _log(asked: Request, found: Sequence[Finding]) -> None:
    refusing = sorted({finding.rule.id for finding in found if finding.refuses})
    noted = sorted({finding.rule.id for finding in found if not finding.refuses})
    # Names are quoted (%r): they are not validated yet, and could hold a line break.
    LOG.log(
        logging.INFO if found else logging.DEBUG,
        "%s %s %r by %r: refused by %s; noted by %s",
        asked.operation, asked.kind, asked.name, asked.user, refusing, noted,
    )  # fmt: skip


if __name__ == "__main__":
    main()
