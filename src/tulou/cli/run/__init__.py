"""`tulou run TARGET`: one process of a house; `tulou up`, launchers and Kubernetes start these."""

from typing import Annotated

from cyclopts import App, Parameter

run = App(name="run", help="Run one process of a house: a target, or several control services together.")
# Each target is a process that imports no more than it needs: a gateway knows neither databases nor models.
run.command("tulou.cli.run.control:control", name="control", help="Run control services behind one address.")
run.command("tulou.cli.run.gateway:gateway", name="gateway", help="Run one gateway process.")
run.command("tulou.cli.run.replica:replica", name="replica", help="Run one replica of a deployment.")


@run.default
def services(*names: Annotated[str, Parameter(help="Control services that this process runs.")]) -> object:
    """Run these control services behind one address, as `tulou run control NAMES` does."""
    return run(["control", *names], result_action="return_value") if names else run.help_print()
