"""How a question of rights is decided, the same way in the control plane and in every gateway: roles, then policies."""

from tulou.chassis.rights.bounds import decide_with_bounds
from tulou.chassis.rights.decision import Laws, decide
from tulou.chassis.rights.reach import Reach, caller, reach
from tulou.chassis.rights.statutes import Ruling, Statutes

__all__ = ["Laws", "Reach", "Ruling", "Statutes", "caller", "decide", "decide_with_bounds", "reach"]
