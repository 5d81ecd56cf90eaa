"""Routes that come with deployments are listed as the gateways go by them, and stand in no document."""

from tests.contracts.whole import open_whole
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, Export, MakePlan
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import ListRoutes
from tulou.services.configuration.domain.reading import read_document

ACCOUNT = """
version: 1
upstreams:
  - {name: account, provider: ollama}
deployments:
  - {name: few, upstreams: [{upstream: account, model: tiny}]}
  - {name: many, upstreams: [{upstream: account, model: "*"}]}
"""
ROUTED = ACCOUNT + 'routes:\n  - {model: "any-*", shares: [{deployment: many}], fallbacks: [few]}\n'


async def test_a_route_that_comes_with_a_deployment_of_many_models_is_no_entry_of_the_document() -> None:
    async with open_whole() as whole:
        configuration, routing = whole[Configuration], whole[Routing]
        await configuration.apply(Apply(text=ACCOUNT))

        listed = await routing.routes(ListRoutes())
        assert [route.model for route in listed.items] == ["few", "many/*"]
        assert listed.implicit == ("few", "many/*")
        document = read_document((await configuration.export(Export())).text, most=10_000)
        assert not document.routes
        assert (await configuration.plan(MakePlan(text=ACCOUNT))).changes == ()


async def test_a_route_of_ones_own_to_many_models_is_an_entry_and_goes_with_its_line() -> None:
    async with open_whole() as whole:
        configuration, routing = whole[Configuration], whole[Routing]
        await configuration.apply(Apply(text=ROUTED))

        listed = await routing.routes(ListRoutes())
        assert [route.model for route in listed.items] == ["any-*", "few"]
        assert listed.implicit == ("few",)
        await configuration.apply(Apply(text=ACCOUNT + "routes: []\n"))
        assert (await routing.routes(ListRoutes())).implicit == ("few", "many/*")
