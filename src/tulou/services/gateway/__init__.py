"""The gateway: the one gate through which inference requests enter the house.

Owns: nothing that lasts but a sealed copy of the last snapshot, `run/snapshot.sealed`, and what of the ledger is not
shipped yet, `ledger/`.
Needs: routing, for snapshots; limits, for shares; metering, for the ledger; upstreams, to tell of credentials;
responses, for what is kept. No request waits for any of them unless it asks for what only they have.
Publishes: metrics, an access log, spans.
Flow: `http/app.py` -> `http/inference.py` -> the stages of `stack/order.py` -> a replica, and back the same way.
"""
