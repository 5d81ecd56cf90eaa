"""The batches service: many requests in a file, answered in time without standing in anybody's way.

Owns: batches, and the answers to their lines until they are written into files (tables `batches_*`).
Needs: files (input and output), jobs (the work), the gate (asked on behalf of the batch's key), a database.
Publishes: nothing; the state of a batch is asked for.
Flow: `service.py` takes a batch in and enqueues it -> `work.py` checks every line, asks the gate for each that has no
answer yet, keeps each answer in a transaction of its own, and writes them into the output and the error file.
"""
