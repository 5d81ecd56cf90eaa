"""Facts written in the same transaction as the change they tell of, then handed to the bus in order."""

from tulou.chassis.outbox.outbox import MIGRATIONS, Outbox

__all__ = ["MIGRATIONS", "Outbox"]
