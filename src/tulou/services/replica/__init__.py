"""The replica service: a worker process that loads one copy of a model and answers for it.

Owns: one engine, its HTTP endpoint, its lease in discovery, and the verified copy of the artifact in the cache.
Needs: discovery, observability, blobs, and an engine. None of them is needed any more to answer requests.
Publishes: announcements each half second, metrics each second, an exit code that says why it ended.
Flow: fetch and verify -> open the engine -> warm through its endpoint -> announce -> drain -> end.
"""
