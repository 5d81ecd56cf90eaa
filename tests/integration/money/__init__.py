"""The bill: what the ledger sums up, beside what the documents say it must be."""
