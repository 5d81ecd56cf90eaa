"""The house as one document: what is declared, planned, applied, recorded in revisions and rolled back.

Owns: tables `configuration_*`: revisions, and whose turn it is to apply. The resources themselves are other services'.
Needs: Identity, Governance, Limits, Metering, Upstreams, Serving, Routing; Database, Clock.
Publishes: nothing; each service tells of its own changes.
Flow: plan reads the text strictly, composes the house as it is, and orders the differences -> apply takes its turn,
makes them one by one through the contracts, and undoes them if one fails -> a revision is kept; note keeps one for
every change that was made otherwise.
"""
