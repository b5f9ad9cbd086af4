"""The ``xinglin`` command: table of contents.

Every command is a module of this package, imported when it is asked for: an audit of files need
not wait for the SDK of a cluster that it never calls. What exit codes mean is in
``console/outcome.py`` and, for people, in ``docs/cli.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from console.outcome import EXIT_CODES

COMMANDS = (
    "status", "simulate", "audit", "survey", "estate", "lab", "recover", "migrate", "evidence",
    "policy",
)  # fmt: skip
"""Each is a module with an ``app`` of subcommands, or with a function of its own name."""


class _Contents(TyperGroup):
    """Commands by name, each loaded when somebody wants it."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, in the order in which help shows them."""
        return [*COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command; for a word that is none all are loaded, so that the near one is named."""
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _loaded(name)
        return super().get_command(ctx, cmd_name)


def _loaded(name: str) -> Any:
    module = import_module(f"console.{name}")
    holder = _typer()
    if hasattr(module, "app"):
        holder.add_typer(module.app, name=name)
    else:
        holder.command(name)(getattr(module, name))
    return get_group(holder).commands[name]


def _typer(**options: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,  # its frames would print local values, credentials included
        **options,
    )


app = _typer(
    name="xinglin",
    cls=_Contents,
    no_args_is_help=True,
    help="杏林：让医院的系统跨站点持续运行 / keeps a hospital's systems running across sites.",
    epilog=EXIT_CODES,
)
app.callback()(lambda: None)  # without a command of its own Typer takes it for empty


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
