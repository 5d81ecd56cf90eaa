"""The confinement of a house, for tests of what runs in it."""

from tulou.adapters.process.confinement import ConfinedProcesses
from tulou.ports.confinement import Confinement


def confinement() -> Confinement:
    """Return the real one."""
    return ConfinedProcesses()
