"""Whether roles and policies let a key's principal use a model.

A snapshot's `policies` become a decider once: `PolicyDeciders.of` returns the same one while the set is the same. The
stage `stack.policy.PolicyStage` asks it about each call. An empty set, as in snapshots from before there were policies,
has no decider, and its stacks no such stage. Lists of models ask it by way of `foresight`, for requests that may
follow.
"""

from tulou.services.gateway.policy.decider import PolicyDecider, PolicyDeciders

__all__ = ["PolicyDecider", "PolicyDeciders"]
