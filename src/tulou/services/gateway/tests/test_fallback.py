"""Other models are asked for what another one may do better, and for nothing else."""

import pytest

from tulou.kernel.errors import TulouError, UnavailableError
from tulou.services.gateway.refusals import CrashError, SpentError, TenantShareError
from tulou.services.gateway.stack.fallback import Fallback
from tulou.services.gateway.tests.builders import Fake, Notes, answer, answered_by, call


async def test_another_model_is_asked_where_none_of_the_first_ones_replicas_is_there() -> None:
    stage = Fallback(Fake(UnavailableError("away")), [("other", Fake(answer("second")))], notes=Notes())
    assert answered_by(await stage(call())) == "second"


@pytest.mark.parametrize(
    "error",
    [CrashError("it went down"), SpentError("it is charged for"), TenantShareError("no turn", retry_after_s=1.0)],
)
@pytest.mark.parametrize("fallen", [False, True])
async def test_no_other_model_is_asked_for_what_is_charged_for_or_found_no_room(
    error: TulouError, *, fallen: bool
) -> None:
    last = Fake()
    first, others = (Fake(UnavailableError("away")), [("other", Fake(error))]) if fallen else (Fake(error), [])
    with pytest.raises(type(error)):
        await Fallback(first, [*others, ("last", last)], notes=Notes())(call())
    assert not last.calls
