"""The drill of the ledger: its processes, and who kills them."""
