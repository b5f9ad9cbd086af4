"""What an audit writes beside its report: every file, and what renders it.

Apart from the package itself, because who reads a report needs no writer of it, and to import all
of them takes as long as to judge a thousand objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policies.formats import junit, oscal, page, sarif, table
from policies.formats.reading import Document

FORMATS: Mapping[str, Callable[[Document], bytes]] = {
    "audit.csv": table.render,
    "audit.html": page.render,
    "audit.junit.xml": junit.render,
    "audit.oscal.json": oscal.render,
    "audit.sarif": sarif.render,
}
"""File name -> its bytes from the report document, sorted by name."""
