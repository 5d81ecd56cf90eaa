"""How long a page may be, as routes are asked for it."""

from typing import Annotated

from fastapi import Query

from tulou.chassis.paging import PAGE_CAP

PageLimit = Annotated[int, Query(ge=1, le=PAGE_CAP)]
