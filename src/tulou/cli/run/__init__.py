"""`tulou run TARGET`: one process of a house; `tulou up`, launchers and Kubernetes start these."""

from cyclopts import App

run = App(name="run", help="Run one process of a house.")
# Each target is a process that imports no more than it needs: a gateway knows neither databases nor models.
run.command("tulou.cli.run.control:control", name="control", help="Run control services behind one address.")
run.command("tulou.cli.run.gateway:gateway", name="gateway", help="Run one gateway process.")
run.command("tulou.cli.run.replica:replica", name="replica", help="Run one replica of a deployment.")
