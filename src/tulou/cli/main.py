"""The `tulou` command: commands by noun and verb, errors in one line, stable exit codes.

Exit codes: 0 done, 1 failed, 2 used wrongly, 3 not found, 4 refused, 5 conflict, 6 unavailable, 130 interrupted.
"""

import sys
from collections.abc import Sequence

from cyclopts import App

import tulou
from tulou.cli import (
    bench,
    chat,
    configuration,
    deployments,
    keys,
    lifecycle,
    limits,
    login,
    logs,
    models,
    people,
    roles,
    tenants,
    training,
    upstreams,
    usage,
)
from tulou.cli.output import errors
from tulou.cli.run import run
from tulou.kernel.errors import (
    ConflictError,
    DeadlineError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TulouError,
    UnauthenticatedError,
    UnavailableError,
)

EXIT_CODES: dict[type[TulouError], int] = {
    InvalidError: 2,
    NotFoundError: 3,
    UnauthenticatedError: 4,
    ForbiddenError: 4,
    ConflictError: 5,
    UnavailableError: 6,
    DeadlineError: 6,
}

app = App(name="tulou", help="A self-hosted platform for large models.", version=tulou.__version__)
for part in (
    lifecycle,
    login,
    chat,
    models,
    deployments,
    keys,
    people,
    roles,
    tenants,
    limits,
    upstreams,
    usage,
    configuration,
    training,
    logs,
    bench,
):
    part.register(app)
# These know every service there is; the others start in a fraction of the time without them.
app.command("tulou.cli.prices:prices", name="prices", help="What models cost: money a million units.")
app.command("tulou.cli.config:config", name="config", help="The house's settings.")
app.command("tulou.cli.policy:policy", name="policy", help="Policies in Cedar: who may do what, beyond roles.")
app.command("tulou.cli.audit:audit", name="audit", help="Who did what: list, verify and export the audit trail.")
app.command("tulou.cli.importing:importing", name="import", help="Bring in what another gate knows.")
app.command("tulou.cli.vault:vault", name="vault", help="The master key, and what is sealed with it.")
app.command("tulou.cli.doctor:doctor", name="doctor", help="Look over this machine and the settings.")
app.command(run)


@app.command
def version() -> None:
    """Print the version."""
    print(tulou.__version__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name, those of this process unless others are given; exit with its code."""
    try:
        sys.exit(app(arguments, result_action="return_value") or 0)
    except TulouError as error:
        errors.print(f"tulou: {error}", style="red", markup=False)
        sys.exit(EXIT_CODES.get(type(error), 1))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
