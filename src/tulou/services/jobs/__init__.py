"""Durable work: put into a queue, leased to runners, tried again until it ends.

Owns: tables `jobs_*`; which runner does what, until when.
Needs: Database, Outbox, Clock.
Publishes: JobFinished.
Flow: enqueue -> lease (attempt n) -> renew ... record_step ... -> finish; a lease that runs out is the next attempt's.
"""
