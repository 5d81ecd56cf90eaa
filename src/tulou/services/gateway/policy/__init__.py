"""The place `policy` of the stack: whether roles and policies let this key's principal use this model.

A snapshot's `policies` become a judge once (`Judges.of`, which returns the same one while the set is the same); the
stage `stack.policy.Policy` asks it about each call. Where a set is empty, as in snapshots from before there were policies, there is
no judge, and the builder leaves the stage out:

```python
judge = judges.of(snapshot.policies)                      # `judges` lives as long as the process
inner = Policy(inner, judge, route.model, clock=site.clock) if judge else inner
```
"""

from tulou.services.gateway.policy.judge import Judge, Judges

__all__ = ["Judge", "Judges"]
