"""Every table of settings there is: for the file's check, `tulou config show`, and the reference page."""

from typing import Any

from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.settings import HouseSettings, PortSettings
from tulou.chassis.telemetry.tracing import TracingSettings


def tables() -> dict[str, type[Any]]:
    """Return each table's settings class by the table's name."""
    services = {name: part.settings for name, part in CATALOGUE.items() if part.settings is not None}
    return {"house": HouseSettings, "ports": PortSettings, "tracing": TracingSettings, **services}


def settings_of(around: ProcessEnvironment) -> dict[type[Any], object]:
    """Return the settings of every service, by their class."""
    return {kind: around.settings.table(name, kind) for name, kind in tables().items()}
