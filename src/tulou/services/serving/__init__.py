"""Serving keeps deployments true: as many replicas as wanted, of the wanted version, on an engine that fits.

Owns: deployments and their replicas (`serving_*`); all that is intended is in the database, so a crash loses nothing.
Needs: registry (which version, is it what was signed), discovery (who announces itself), upstreams (how accounts at
vendors are reached), the launcher, secrets.
Publishes: `DeploymentChanged`, `DeploymentDeleted`.
Flow: a change, a worker's end or a new revision of discovery wakes the reconcile loop -> it looks at the world
(`service/observer.py`) -> the rules say what to do (`domain/reconcile.py`) -> it is done (`service/executor.py`).
"""
