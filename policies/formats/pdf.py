"""The report as PDF, for whoever signs and archives it: the page of ``page.py``, printed.

WeasyPrint lays out the same HTML, so there is one report and not two. It is imported only here and
only when a PDF is asked for: it is large, takes seconds, and needs Pango and a Chinese font of the
machine. The same page, library and fonts give the same bytes: the file's identifier is a digest of
the page, its date the day of the judgement. Nothing is fetched, whatever a name tries.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from types import ModuleType
from typing import Any, NoReturn

from hospital.errors import DeclarationError, Problem
from policies.formats import page
from policies.formats.reading import Document

NAME = "audit.pdf"
VARIANT = "pdf/a-3u"  # for archives: fonts embedded, text that can be searched and copied
WANTED = "pip install 'xinglin[report]', and Debian's libpango-1.0-0, libpangoft2-1.0-0"


def render(document: Document) -> bytes:
    """The PDF; DeclarationError if what prints it is not installed."""
    printer, html = library(), page.render(document)
    logging.getLogger("weasyprint").setLevel(
        logging.ERROR
    )  # it warns of CSS that only browsers know
    made = printer.HTML(string=html.decode(), url_fetcher=_refuse)
    pdf: bytes = made.write_pdf(
        pdf_variant=VARIANT, pdf_identifier=sha256(html).hexdigest()[:32].encode()
    )
    return pdf


def library() -> ModuleType:
    """WeasyPrint, with the libraries that it loads; DeclarationError says what is missing."""
    try:
        import weasyprint  # noqa: PLC0415
    except (ImportError, OSError) as error:  # OSError: Pango is not there
        missing = str(error).splitlines()[0]
        raise DeclarationError((Problem("--pdf", NAME, missing, WANTED),)) from error
    printer: ModuleType = weasyprint
    return printer


def _refuse(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"a report loads nothing: {url}")
