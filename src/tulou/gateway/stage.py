"""What a stage of the gate in a package of your own may rely on; docs/howto/stages.md shows how.

A `Stage` is asked with a `Call` and returns an `Answer`, or raises an error of `tulou.kernel.errors`, whose words and
status are the client's. A `Builder` makes the stage of one route and endpoint: it is given the `Blueprint` of these and
the stages below, and is named by an entry point of the group `tulou.gateway_stages`. An `AnswerWrapper` changes the
body of an answer, and is told of its `End`; `split_events` and `payload` read the events of a stream.

These names change by addition alone; of a `Call`, `endpoint`, `model`, `body`, `stream`, `grant`, `request_id`,
`headers`, `usage` and `broken`, of a `Blueprint`, `route` and `endpoint`. The rest of the two is the gate's own.
"""

from tulou.services.gateway.dialects.sse import payload, split_events
from tulou.services.gateway.stack.call import Answer, Body, Call, Stage
from tulou.services.gateway.stack.order import Blueprint, Builder
from tulou.services.gateway.stack.wrapper import AnswerWrapper, End

__all__ = [
    "Answer",
    "AnswerWrapper",
    "Blueprint",
    "Body",
    "Builder",
    "Call",
    "End",
    "Stage",
    "payload",
    "split_events",
]
