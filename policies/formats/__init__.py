"""What an auditor takes along: the report document in other people's formats.

The JSON document of ``policies/report.py`` is the single source. Every format is a pure function of
it: no clock, no file, no chance, so the same document gives the same bytes, and whoever doubts a
page can render it again and compare. What must never happen: a finding, a waiver or a silent site
that one format shows and another drops.
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
