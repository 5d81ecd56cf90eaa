"""The price book: versioned, and with a memory of every version."""

from collections.abc import Sequence
from dataclasses import replace

from tulou.chassis.outbox import Outbox
from tulou.chassis.reach import reach
from tulou.contracts.metering.events import PRICES_CHANGED, PricesChanged
from tulou.contracts.metering.messages import (
    ListPrices,
    NamePrice,
    Price,
    PriceList,
    PricesPut,
    PutPrices,
)
from tulou.kernel.errors import LimitedError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.database import Database, Transaction
from tulou.rules.metering.book import PriceBook
from tulou.services.metering.domain.prices import check_name, check_price
from tulou.services.metering.listed import built_in
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store import prices as store

Name = tuple[str, str, float]


class Pricing:
    """Changes take turns, and each begins a version of the book."""

    def __init__(self, database: Database, outbox: Outbox, settings: MeteringSettings) -> None:
        self._database = database
        self._outbox = outbox
        self._settings = settings
        self._listed = built_in(settings)

    async def prices(self, request: ListPrices) -> PriceList:
        """Return the book; with a time, of each model and provider only the price that holds then."""
        async with self._database.reading() as tx:
            version = await store.version(tx)
            items = await store.prices(tx, limit=self._settings.prices)
        if request.at is not None:
            items = _holding(items, request.at)
        return PriceList(
            items=tuple(items),
            version=version,
            currency=self._settings.currency,
            built_in=self._listed.prices,
            built_in_date=self._listed.date,
        )

    async def put(self, request: PutPrices) -> PricesPut:
        """Write prices into the next version of the book; if all are there already, there is none."""
        reach().check_house("a price")
        for price in request.items:
            check_price(price)
        async with self._database.transaction() as tx:
            await store.hold(tx)
            there = {_name(price): price for price in await store.prices(tx, limit=self._settings.prices)}
            news = {_name(price): price for price in request.items if not _same(there.get(_name(price)), price)}
            if not news:
                return PricesPut(version=await store.version(tx), changed=0)
            self._check_room(len(there.keys() | news.keys()))
            version = await store.turn_page(tx)
            for name, price in news.items():
                if name in there:
                    await store.end(tx, *name, version=version)
                await store.put(tx, replace(price, version=version))
            await self._tell(tx, version)
        return PricesPut(version=version, changed=len(news))

    async def delete(self, request: NamePrice) -> Done:
        """Strike a price out; raise `NotFoundError` if it is not there."""
        reach().check_house("a price")
        check_name(request)
        async with self._database.transaction() as tx:
            version = await store.turn_page(tx)
            if not await store.end(tx, request.model, request.provider, request.since, version=version):
                raise NotFoundError(
                    f"no price of {request.model!r} by {request.provider or 'any provider'} since {request.since:g}; "
                    "`tulou prices list` shows those there are",
                    param="model",
                )
            await self._tell(tx, version)
        return Done()

    async def book(self, version: int) -> PriceBook:
        """Return the book as it was in a version."""
        async with self._database.reading() as tx:
            own = await store.prices(tx, at_version=version, limit=self._settings.prices)
        return PriceBook(own, version, self._listed.prices)

    async def version(self) -> int:
        """Return the version of the book now."""
        async with self._database.reading() as tx:
            return await store.version(tx)

    def _check_room(self, count: int) -> None:
        most = self._settings.prices
        if count > most:
            raise LimitedError(f"the book would hold {count} prices; at most {most} ([metering] prices), delete some")

    async def _tell(self, tx: Transaction, version: int) -> None:
        await self._outbox.add(tx, PRICES_CHANGED, PricesChanged(version=version))


def _name(price: Price) -> Name:
    return (price.model, price.provider, price.since)


def _same(there: Price | None, given: Price) -> bool:
    return there is not None and replace(there, version=given.version) == given


def _holding(prices: Sequence[Price], at: float) -> list[Price]:
    """Return of each model and provider the latest price that has begun."""
    latest: dict[tuple[str, str], Price] = {}
    for price in prices:  # they come in the order of time
        if price.since <= at:
            latest[price.model, price.provider] = price
    return list(latest.values())
