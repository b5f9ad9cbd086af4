"""The ``xinglin`` command: table of contents.

Every command is a module of this package; what exit codes mean is in ``console/outcome.py``
and, for people, in ``docs/cli.md``.
"""

from __future__ import annotations

import typer

from console import audit, estate, evidence, lab, policy, recover, simulate, status, survey
from console.outcome import EXIT_CODES

app = typer.Typer(
    name="xinglin",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # its frames would print local values, credentials included
    help="杏林：让医院的系统跨站点持续运行 / keeps a hospital's systems running across sites.",
    epilog=EXIT_CODES,
)
app.add_typer(estate.app, name="estate")
app.add_typer(lab.app, name="lab")
app.add_typer(recover.app, name="recover")
app.add_typer(evidence.app, name="evidence")
app.add_typer(policy.app, name="policy")
app.command("status")(status.status)
app.command("simulate")(simulate.simulate)
app.command("audit")(audit.audit)
app.command("survey")(survey.survey)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
