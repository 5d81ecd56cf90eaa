"""Whether roles and policies let a key's principal use a model.

A snapshot's `policies` become a judge once: `Judges.of` returns the same one while the set is the same. The stage
`stack.policy.Policy` asks it about each call. An empty set, as in snapshots from before there were policies, has no
judge, and its stacks no such stage. Lists of models ask it by way of `foresight`, for requests that may follow.
"""

from tulou.services.gateway.policy.decider import PolicyDecider, PolicyDeciders

__all__ = ["PolicyDecider", "PolicyDeciders"]
