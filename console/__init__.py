"""Where people sit: the ``xinglin`` command.

One module per command, ``main.py`` is the table of contents. Commands decide nothing: they show
what ``hospital`` says and ask the hub for what a person wants.
"""
