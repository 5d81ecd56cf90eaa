"""The routing service: what the data plane needs to know, composed into one snapshot, told as changes.

Owns: routes (tables `routing_*`), and the revision and breaker epoch of the snapshot.
Needs: identity (valid keys), limits, serving (deployments), discovery (replicas that live), metering (prices),
governance (policies), a database.
Publishes: `routing.route_changed`; snapshots, to every gateway that watches.
Flow: a fact or a replica's coming and going -> ask again what it is about -> the chronicle -> every watching gateway
is told what is new to it a moment later.
"""
