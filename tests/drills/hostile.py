"""The standing drill: one attack after the other beside a modest tenant, who is measured."""

import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import psutil

from tests.drills.attack import Attack
from tests.drills.bystander import Bystander, Seen
from tests.drills.lags import longest
from tests.drills.measures import MIB, Kept, Memory, kept, resident, watched
from tests.drills.outcome import BOUNDS, Outcome, Timing
from tests.drills.size import Size
from tests.drills.stage import BLUE, RED, Keys, field_of, lags_of, makes_a_key, settle, used
from tests.system.house import House, until

COUNTED_S = 15.0
"""How long it may take until what was used is counted."""
GIVEN_BACK_S = 20.0
"""How long it may take until memory is given back: some of it waits for the collector."""
WRITTEN_S = 1.5
"""When nothing was written down for so long, all is: a gateway ships its entries every second."""


class Drill:
    """A house, its two tenants, and the attacker's process."""

    def __init__(self, house: House, red: Keys, blue: Keys, bystander: Bystander, size: Size) -> None:
        self.house = house
        self.size = size
        self._red, self._blue = red, blue
        self._bystander = bystander
        self._attacker = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.attacker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        bystander.wait_until_well()
        self._quiet = bystander.watch(size.quiet_s)

    def close(self) -> None:
        """End the attacker."""
        self._attacker.kill()
        self._attacker.communicate()

    def run(self, attack: Attack) -> Outcome:
        """Attack, wait until all is well again, and return what was seen."""
        if self.size.full:
            self._renew()
        quiet = self._bystander.watch(self.size.pause_s) if self.size.pause_s else self._quiet
        gates = Memory({process.pid: resident(process.pid) for process in self.house.gateways()})
        control = Memory({pid: resident(pid) for pid in [self.house.control().pid]})
        before, spent, began = self._kept(), used(self.house, self._blue), time.time()
        with watched(gates, control):
            asked = self._attack(attack)
            self._bystander.wait_until_well()
        ended = time.time()
        seen = self._bystander.between(began, ended)
        turn, starved_ms = longest(lags_of(self.house.directory), began, ended)
        self._settle(gates)
        if attack.stranger or self.size.full:
            self._wait_until_written()
        return Outcome(
            attack=attack.name,
            stranger=attack.stranger,
            asked=asked,
            quiet=Timing.of([each.took_ms for each in quiet]),
            under_attack=Timing.of([each.took_ms for each in seen]),
            failures=_failures(seen),
            gateway_mib=gates.growth / MIB,
            gateway_left_mib=gates.left / MIB,
            control_mib=control.growth / MIB,
            control_left_mib=control.left / MIB,
            ended=len(gates.ended | control.ended),
            kept=self._kept().since(before),
            counted=self._is_counted(spent),
            crowded=not makes_a_key(self.house, self._blue),
            took_s=time.time() - began,
            turn=turn,
            starved_ms=starved_ms,
        )

    def _renew(self) -> None:
        """Begin with fresh gateways: what one attack has made an allocator keep would hide what the next one takes."""
        for old in self.house.gateways():
            old.kill()
            until(lambda old=old: _replaced(self.house, old), what="a gateway in place of the one that was killed")
            until(self.house.answers, what="a gate that answers")
        self._bystander.wait_until_well()

    def _attack(self, attack: Attack) -> int:
        field = field_of(self.house, self._red, self.size)
        assert self._attacker.stdin is not None
        assert self._attacker.stdout is not None
        self._attacker.stdin.write(f"{attack.name}\n".encode() + field.encode() + b"\n")
        self._attacker.stdin.flush()
        return int(self._attacker.stdout.readline())

    def _settle(self, gates: Memory) -> None:
        """Give what grew time to be given back."""
        patience = time.monotonic() + GIVEN_BACK_S
        most = BOUNDS.left_mib * MIB
        until(lambda: gates.left <= most or time.monotonic() > patience, what="memory that is given back")

    def _wait_until_written(self) -> None:
        """Wait until nothing more is written down of all but the modest tenant."""

        def still() -> bool:
            before, since = self._kept(), time.monotonic()
            until(lambda: time.monotonic() > since + WRITTEN_S, what="the next look")
            return (before.ledger, before.audit) == ((now := self._kept()).ledger, now.audit)

        until(still, what="a ledger in which all is written")

    def _is_counted(self, spent: float) -> bool:
        """Say whether what the modest tenant uses is still counted against its limits."""
        patience = time.monotonic() + COUNTED_S
        until(lambda: used(self.house, self._blue) > spent or time.monotonic() > patience, what="a limit that moves")
        return used(self.house, self._blue) > spent

    def _kept(self) -> Kept:
        return kept(self.house, modest=BLUE)


def _replaced(house: House, old: psutil.Process) -> bool:
    standing = [process.pid for process in house.gateways()]
    return old.pid not in standing and len(standing) == house.standing["gateways"]


def _failures(seen: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(f"{each.kind}: {each.trouble}" for each in seen if each.trouble)


@contextmanager
def drill(house: House, size: Size) -> Generator[Drill]:
    """Bring both tenants into a house."""
    red, blue = settle(house, RED), settle(house, BLUE)
    with Bystander(house, blue) as bystander:
        opened = Drill(house, red, blue, bystander, size)
        try:
            yield opened
        finally:
            opened.close()
