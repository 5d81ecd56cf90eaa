"""Decides whether a grant may use a model."""

from collections.abc import Mapping

from tulou.contracts.governance.messages import Attribute, PolicySet
from tulou.contracts.routing.messages import Grant


class Judge:
    """Roles and policies of one snapshot, made ready for requests."""

    def check(self, grant: Grant, model: str, context: Mapping[str, Attribute]) -> None:
        """Raise `PolicyDeniedError` unless a role or a policy permits the use and no policy forbids it."""
        raise NotImplementedError


class Judges:
    """Keeps the judge of the policies in force, so that a new snapshot with the same ones costs nothing."""

    def of(self, policies: PolicySet) -> Judge | None:
        """Return the judge of a set; None for an empty one."""
        raise NotImplementedError
