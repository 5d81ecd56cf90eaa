"""A thousand requests through a whole gate, and what the ledger and the limits say of each."""
