"""What was seen of things that run, one file per kind of thing: facts without an opinion.

The rules judge them (``policies/rules``); who read them, and when, is in ``hospital/survey.py``.
A fact that nobody could read is None and never a value that would pass.
"""
