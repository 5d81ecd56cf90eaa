"""The gateway: the one gate through which inference requests enter the house.

Owns: nothing that lasts but a copy of the last snapshot, `run/snapshot.json`.
Needs: routing, for snapshots; everything else it answers on its own.
Publishes: metrics, an access log, spans.
Flow: `http/app.py` -> `http/inference.py` -> the stages of `stack/order.py` -> a replica, and back the same way.
"""
