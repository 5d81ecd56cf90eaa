"""The accounts at vendors (and servers of others) that answer for this house, with the credentials they take.

Owns: tables `upstreams_*`; a credential is kept sealed by the vault, or as a reference to where it lies.
Needs: Database, Outbox, Clock, Vault, Credentials (what references lead to), TokenEndpoint (of service accounts).
Publishes: UpstreamChanged.
Flow: vendors are data (`providers.toml`) -> put_upstream names one -> add_credential seals a secret at once -> serving
opens it and announces replicas -> report_credential retires what a vendor refuses -> serving opens what is left.
"""
