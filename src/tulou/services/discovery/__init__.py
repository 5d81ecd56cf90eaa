"""Discovery knows which replicas live where, and how busy they are.

Owns: leases, in memory only: whoever lives says so again within half a second of a restart.
Needs: nothing but the clock.
Publishes: nothing; whoever wants to know watches.
Flow: a replica announces itself every 0.5 s -> `LeaseTable` -> a new revision when one comes, goes or drains ->
every watcher (routing, serving) gets the newest set. A lease that is not renewed ends with the next sweep.
"""
