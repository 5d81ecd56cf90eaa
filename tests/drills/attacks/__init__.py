"""Every attack there is, in the order in which a drill runs them.

Strangers come first: what is written down about them is counted, and a ledger learns late of what others did.
"""

from tests.drills.attack import Attack
from tests.drills.attacks import administration, bodies, connections, engines, heads, keys, streams, upstreams

_ALL: tuple[Attack, ...] = (
    *heads.ATTACKS,
    *bodies.ATTACKS,
    *keys.ATTACKS,
    *connections.ATTACKS,
    *streams.ATTACKS,
    *upstreams.ATTACKS,
    *engines.ATTACKS,
    *administration.ATTACKS,
)

ATTACKS: tuple[Attack, ...] = tuple(sorted(_ALL, key=lambda each: not each.stranger))
BY_NAME = {each.name: each for each in ATTACKS}
