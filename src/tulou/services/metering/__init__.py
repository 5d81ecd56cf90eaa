"""What was used, by whom, and what it cost: a ledger that counts every entry once, and can be priced anew.

Owns: tables `metering_*`: raw entries, their sums by minute, hour and day, what was set aside because no ledger can
hold it, and the price book with its history.
Needs: Database, Outbox, Clock, Jobs, CollectorRegistry.
Publishes: PricesChanged, RequestsRefused.
Flow: gateways ship entries -> ingest keeps the new ones and adds them to the roll-ups, in one transaction -> usage
reads roll-ups only. What was set aside is taken again, corrected or discarded by people; it leaves the quarantine in
the transaction in which it is counted. recompute enqueues a job that prices a span anew, chunk by chunk, and corrects
the roll-ups by differences.
"""
