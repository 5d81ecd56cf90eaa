from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from tulou.assembly.description import describe_all
from tulou.chassis.rest.app import PUBLIC
from tulou.chassis.rest.declared import known, permits
from tulou.kernel.message import message

Json = dict[str, Any]


@message
class Tier:
    """A part of a price."""

    above: int
    input: int | None = None


@message
class Price:
    """Both sent and answered."""

    model: str
    tiers: tuple[Tier, ...] = ()


@message
class Named:
    """Both sent and answered, without a default."""

    name: str


@message
class PricePage:
    """Answered alone."""

    items: tuple[Price, ...] = ()
    next: str | None = None


@pytest.fixture(scope="module")
def document() -> Json:
    app, open_to_all = FastAPI(), APIRouter(tags=[PUBLIC], responses={"default": {}})
    router = APIRouter(responses={"default": {}})

    @router.get("/api/v1/prices", openapi_extra=permits("prices:read", "price"))
    def list_prices() -> PricePage:  # pyright: ignore[reportUnusedFunction] - the router has it
        return PricePage()

    @router.put("/api/v1/prices", openapi_extra=permits("prices:write", "price"))
    def put_price(body: Price) -> Price:  # pyright: ignore[reportUnusedFunction] - the router has it
        return body

    @router.put("/api/v1/me", openapi_extra=known("me"))
    def name_me(body: Named) -> Named:  # pyright: ignore[reportUnusedFunction] - the router has it
        return body

    @open_to_all.get("/api/v1/sign-in/providers")
    def list_ways() -> PricePage:  # pyright: ignore[reportUnusedFunction] - the router has it
        return PricePage()

    app.include_router(router)
    app.include_router(open_to_all)
    describe_all(app)
    return app.openapi()


def test_every_field_of_an_answer_is_there_and_of_what_is_sent_only_what_has_no_default(document: Json) -> None:
    schemas = document["components"]["schemas"]
    required = {
        name: schemas[name]["required"] for name in ("PricePage", "Price", "Tier", "Price-Output", "Tier-Output")
    }
    assert required == {
        "PricePage": ["items", "next"],
        "Price": ["model"],
        "Tier": ["above"],
        "Price-Output": ["model", "tiers"],
        "Tier-Output": ["above", "input"],
    }


def test_what_goes_both_ways_is_named_by_the_way_it_goes(document: Json) -> None:
    put = document["paths"]["/api/v1/prices"]["put"]
    schemas = document["components"]["schemas"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Price"}
    assert put["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Price-Output"
    }
    assert schemas["Price-Output"]["properties"]["tiers"]["items"] == {"$ref": "#/components/schemas/Tier-Output"}
    assert schemas["PricePage"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Price-Output"}
    assert "Named-Output" not in schemas  # it is the same both ways


def test_an_operation_names_its_permission_and_what_everybody_may_names_none(document: Json) -> None:
    paths = document["paths"]
    assert paths["/api/v1/prices"]["get"]["x-permission"] == "prices:read"
    assert paths["/api/v1/prices"]["put"]["x-permission"] == "prices:write"
    assert paths["/v1/chat/completions"]["post"]["x-permission"] == "models:use"
    for path, method in (("/api/v1/me", "put"), ("/api/v1/sign-in/providers", "get"), ("/healthz", "get")):
        assert "x-permission" not in paths[path][method]
    assert document["components"]["schemas"]["Permission"]["enum"] == ["models:use", "prices:read", "prices:write"]
