"""The laws in force, read and compiled once for each version of them."""

from collections.abc import Iterable, Sequence

from tulou.contracts.governance.messages import Policy, PolicySet, Role
from tulou.kernel.message import message
from tulou.ports.database import Database
from tulou.rules.rights.evaluator import PolicyEvaluator
from tulou.services.governance.decision import AccessRules
from tulou.services.governance.domain import BUILT_IN
from tulou.services.governance.language import composed, contextual, for_inference
from tulou.services.governance.store import laws as law_store


@message
class PolicyVersion:
    """The laws of one version, and the part of them that gateways need."""

    version: int
    laws: AccessRules
    policy_set: PolicySet


class PolicyCache:
    """Asks the database for the version at each look, so that a change holds at once in every process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._edition: PolicyVersion | None = None

    async def edition(self) -> PolicyVersion:
        """Return the laws in force."""
        async with self._database.reading() as tx:
            # read before the laws: should they change in between, the next look finds a newer version and reads again
            version = await law_store.version(tx)
            if self._edition is None or self._edition.version != version:
                self._edition = edited(version, await law_store.roles(tx), await law_store.policies(tx))
            return self._edition


def edited(version: int, own: Iterable[Role], policies: Sequence[Policy]) -> PolicyVersion:
    """Return laws compiled; `own` roles come after the built-in ones."""
    roles = {**BUILT_IN, **{role.name: role for role in own}}
    text = composed(policies)
    relevant = for_inference(policies)
    policy_set = PolicySet(text=composed(relevant), roles=tuple(roles.values()), contextual=contextual(relevant))
    laws = AccessRules(roles=roles, statutes=PolicyEvaluator(text) if text else None)
    return PolicyVersion(version=version, laws=laws, policy_set=policy_set)
