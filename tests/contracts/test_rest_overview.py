"""Over REST, as a gateway counts and as governance decides: a tenant's people see none of another tenant's traffic."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from tulou.chassis.rest import rest_app
from tulou.chassis.telemetry.metrics import metrics_text
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.contracts.observability.api import Observability
from tulou.contracts.observability.messages import MetricsReport
from tulou.http.server.server import serving
from tulou.services.gateway.telemetry.caps import SeriesCaps
from tulou.services.gateway.telemetry.counters import GatewayCounters
from tulou.services.governance.component import COMPONENT as GOVERNANCE
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.observability.component import COMPONENT
from tulou.services.observability.http import router
from tulou.services.observability.settings import ObservabilitySettings
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.http import http_client


async def by_name(asked: Authenticate) -> Identified:
    """Take `<tenant>/<role>` for a key, with `@<project>` behind it for a role that is held there alone."""
    tenant, _, rest = asked.secret.partition("/")
    role, _, project = rest.partition("@")
    held = () if project else (role,)
    return Identified(key="key_1", tenant=tenant, principal="ana", scopes=("admin",), roles=(role,), tenant_roles=held)


class Gate:
    """Counts as gateways do, and says so."""

    def __init__(self, observability: Observability, house: SmallHouse) -> None:
        self._observability = observability
        self._house = house
        self._registry = CollectorRegistry()
        self._counters = GatewayCounters(self._registry, SeriesCaps(tenants=2))

    def answer(self, tenant: str, model: str, *, times: int) -> None:
        for _ in range(times):
            tally = self._counters.tally(tenant, model, "chat")
            tally.by_class[5].inc()
            tally.duration.observe(0.2)
            tally.output.inc(10)

    async def report(self) -> None:
        text = metrics_text(self._registry)
        await self._observability.report(MetricsReport(source="gateway-0", kind="gateway", text=text))
        self._house.clock.advance(1)


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.governance.migrations") as opened:
        yield opened


@pytest.fixture
async def observability(house: SmallHouse) -> AsyncGenerator[Observability]:
    async with COMPONENT.build(house.provided({ObservabilitySettings: ObservabilitySettings()})) as service:
        yield service


@pytest.fixture
async def client(house: SmallHouse, observability: Observability) -> AsyncGenerator[httpx2.AsyncClient]:
    async with GOVERNANCE.build(house.provided({GovernanceSettings: GovernanceSettings()})) as built:
        governance: Governance = built
        app = rest_app([router(observability)], authenticate=by_name, decide=governance.decide)
        async with serving(app) as url, http_client(url) as http:
            yield http


@pytest.fixture
async def traffic(observability: Observability, house: SmallHouse) -> None:
    """Let three tenants ask, of which the gate knows two by name."""
    gate = Gate(observability, house)
    for tenant in ("north", "south"):
        gate.answer(tenant, "tiny", times=1)
    await gate.report()
    for tenant, model, times in (("north", "tiny", 2), ("south", "theirs", 70), ("west", "tiny", 500)):
        gate.answer(tenant, model, times=times)
    await gate.report()


async def overview(client: httpx2.AsyncClient, key: str) -> dict[str, Any]:
    reply = await client.get("/api/v1/overview", headers={"x-api-key": key})
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("role", ["viewer", "developer", "admin"])
async def test_a_role_of_a_tenant_sees_that_tenants_traffic_alone(client: httpx2.AsyncClient, role: str) -> None:
    north = await overview(client, f"north/{role}")
    assert [(one["model"], one["requests"], one["errors"], one["tokens"]) for one in north["models"]] == [
        ("tiny", 2, 2, 20)
    ]
    assert [(one["requests"], one["errors"], one["tokens"], one["in_flight"]) for one in north["points"]] == [
        (2, 2, 20, None)
    ]
    assert north["processes"] == []
    assert "theirs" not in str(north)
    south = await overview(client, f"south/{role}")
    assert [(one["model"], one["requests"]) for one in south["models"]] == [("theirs", 70)]


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("tenant", ["west", "other", "unknown"])
async def test_a_tenant_beyond_the_cap_sees_nothing(client: httpx2.AsyncClient, tenant: str) -> None:
    seen = await overview(client, f"{tenant}/admin")
    assert (seen["models"], seen["processes"]) == ([], [])
    assert [(one["requests"], one["p50_ms"]) for one in seen["points"]] == [(0, None)]


@pytest.mark.usefixtures("traffic")
async def test_a_role_at_a_project_sees_no_figures_of_its_tenant(client: httpx2.AsyncClient) -> None:
    north = await overview(client, "north/viewer@web")
    assert (north["models"], north["processes"]) == ([], [])
    assert not any(point["requests"] or point["tokens"] for point in north["points"])


@pytest.mark.usefixtures("traffic")
async def test_a_role_of_the_house_sees_everything(client: httpx2.AsyncClient) -> None:
    seen = await overview(client, "north/operator")
    assert {one["model"]: one["requests"] for one in seen["models"]} == {"tiny": 502, "theirs": 70}
    assert seen["points"][0]["in_flight"] == 0
    assert [process["source"] for process in seen["processes"]] == ["gateway-0"]


@pytest.mark.usefixtures("traffic")
async def test_a_tenants_people_do_not_get_around_it_by_the_metrics(client: httpx2.AsyncClient) -> None:
    for path in ("metrics", "logs"):
        reply = await client.get(f"/api/v1/{path}", headers={"x-api-key": "north/admin"})
        assert reply.status_code == 403, path
