"""The rules of the ledger: what an entry may be, what is summed, how spans of time are cut. Pure."""
