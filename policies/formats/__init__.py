"""What an auditor takes along: the report document in other people's formats.

The JSON document of ``policies/report.py`` is the single source. Every format is a pure function of
it: no clock, no file, no chance, so the same document gives the same bytes, and whoever doubts a
page can render it again and compare. What must never happen: a finding, a waiver or a silent site
that one format shows and another drops.
"""
