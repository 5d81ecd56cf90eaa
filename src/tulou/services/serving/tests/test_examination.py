"""A credential that a request was refused with: by 401 it is over, by all else only if the probe is refused too."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.serving.messages import UpstreamTarget
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.events import CredentialSuspected
from tulou.contracts.upstreams.messages import (
    OpenedCredential,
    OpenedUpstream,
    OpenUpstream,
    Provider,
    ReportCredential,
)
from tulou.kernel.errors import UnavailableError
from tulou.kernel.message import Done
from tulou.services.serving.service.listing import VendorModels
from tulou.services.serving.service.outside import UpstreamPlace, UpstreamProbes
from tulou.services.serving.service.upstreams import UpstreamWatch
from tulou.services.serving.settings import ServingSettings
from tulou.services.serving.tests.fakes import OneCredential, StatusProber
from tulou.testing.clock import ManualClock

PLACE = UpstreamPlace("r1", "demo", 1, 0, UpstreamTarget(upstream="vendor", model="large"))


@dataclass
class OneAccount:
    """As much of the upstreams service as serving asks for: one account with some credentials."""

    names: tuple[str, ...]
    probe: str = "models"
    retired: dict[str, int] = field(default_factory=dict[str, int])

    async def open(self, request: OpenUpstream) -> OpenedUpstream:
        del request
        return OpenedUpstream(
            provider=Provider(name="vendor", title="V", base_url="https://vendor.example/v1", probe=self.probe),
            base_url="https://vendor.example/v1",
            headers=(),
            credentials=tuple(
                OpenedCredential(id=name, headers=(("authorization", f"Bearer sk-{name}"),))
                for name in self.names
                if name not in self.retired
            ),
            revision=1,
        )

    async def report_credential(self, request: ReportCredential) -> Done:
        assert (request.outcome, request.probed, request.gateway) == ("refused", True, "the probe")
        self.retired[request.id] = request.status
        return Done()


def outside(account: OneAccount, prober: StatusProber) -> UpstreamProbes:
    models = VendorModels(prober, clock=ManualClock(), every_s=600.0, timeout_s=1.0)
    return UpstreamProbes(cast("Upstreams", account), prober, OneCredential(), models=models, timeout_s=1.0)


def suspected(credential: str, status: int = 403, **changes: Any) -> CredentialSuspected:
    told: dict[str, Any] = {"name": "vendor", "served": True, **changes}
    return CredentialSuspected(credential=credential, status=status, **told)


async def test_a_401_retires_whatever_the_probe_says_since_there_are_vendors_that_list_models_to_anybody() -> None:
    account, prober = OneAccount(("a", "b")), StatusProber()
    await outside(account, prober).examine(PLACE, suspected("b", 401))
    assert account.retired == {"b": 401}
    assert prober.asked == []


@pytest.mark.parametrize("status", [400, 402, 403])
async def test_a_credential_is_kept_when_the_probe_is_answered_well(status: int) -> None:
    account, prober = OneAccount(("a", "b")), StatusProber()
    await outside(account, prober).examine(PLACE, suspected("b", status))
    assert account.retired == {}
    assert prober.asked == ["https://vendor.example/v1/models"]
    assert prober.headers["authorization"] == "Bearer sk-b"


@pytest.mark.parametrize("status", [400, 401, 402, 403])
async def test_a_credential_is_retired_when_the_probe_is_refused_that_was_answered_before(status: int) -> None:
    account, prober = OneAccount(("a", "b")), StatusProber()
    place = outside(account, prober)
    await place.look(PLACE)
    prober.refuses = {"sk-b": status}
    await place.examine(PLACE, suspected("b"))
    assert account.retired == {"b": status}
    assert [one.id for one in (await place.look(PLACE)).credentials] == ["a"]


async def test_a_key_that_may_infer_and_not_list_models_outlives_a_request_that_was_refused() -> None:
    account, prober = OneAccount(("a",)), StatusProber()
    prober.refuses = {"sk-a": 403}
    place = outside(account, prober)
    await place.look(PLACE)
    await place.examine(PLACE, suspected("a", served=True))
    assert account.retired == {}
    await place.examine(PLACE, suspected("a", served=False))
    assert account.retired == {"a": 403}, "nothing was ever answered well with it"


async def test_every_new_credential_is_looked_at_once_so_that_a_bad_one_is_met_before_a_client_meets_it() -> None:
    account, prober = OneAccount(("a", "b", "c")), StatusProber()
    prober.refuses = {"sk-b": 401}
    place = outside(account, prober)
    assert [one.id for one in (await place.look(PLACE)).credentials] == ["a", "c"]
    assert account.retired == {"b": 401}
    prober.asked.clear()
    await place.look(PLACE)
    assert len(prober.asked) == 1


@pytest.mark.parametrize(
    ("refusal", "retired"),
    [
        (suspected("a", 403), {}),
        (suspected("a", 402), {}),
        (suspected("a", 401), {"a": 401}),
        (suspected("a", 403, named=True), {"a": 403}),
    ],
)
async def test_where_nothing_is_free_only_what_names_the_credential_retires_it(
    refusal: CredentialSuspected, retired: dict[str, int]
) -> None:
    account = OneAccount(("a",), probe="connect")
    await outside(account, StatusProber()).examine(PLACE, refusal)
    assert account.retired == retired


async def test_a_vendor_that_does_not_answer_the_probe_retires_nothing() -> None:
    account = OneAccount(("a",))
    with pytest.raises(UnavailableError):
        await outside(account, StatusProber(0)).examine(PLACE, suspected("a", 402))
    assert account.retired == {}


async def test_an_account_that_no_deployment_uses_is_not_probed() -> None:
    account, prober = OneAccount(("a",)), StatusProber()
    watch = UpstreamWatch(
        cast("Discovery", None), outside(account, prober), settings=ServingSettings(), changed=lambda: None
    )
    watch.examine(suspected("a"))
    await watch.close()
    assert prober.asked == []
