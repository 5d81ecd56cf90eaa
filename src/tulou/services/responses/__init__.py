"""The responses service: answers of `/v1/responses` that are kept, and those that are made in the background.

Owns: responses until they expire (tables `responses_*`).
Needs: jobs (work in the background), the gate (asked on behalf of the response's key), a database.
Publishes: nothing; the gateway asks for what it needs.
Flow: a gateway keeps an answer, or has one made: `service.py` enqueues it, `handlers.py` asks the gate and keeps what
comes -> the next request names it, and its conversation is read back -> the sweep forgets what has expired.
"""
