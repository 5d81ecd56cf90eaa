"""Observability: what goes on in the house, now and in the last ten minutes.

Owns: the last metrics report of each process, six hundred one-second points, and the log folder: its reading
and its sweeping.
Needs: House (the log folder), Clock.
Publishes: nothing.
Flow: a process reports its metrics each second -> samples -> deltas between two reports -> one-second points, by
model and by tenant -> overview for the console, of the house or of who asks; the texts of all reports merged ->
`/metrics` for Prometheus.
"""
