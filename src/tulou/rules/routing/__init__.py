"""How snapshots are compared, sent in pieces and named: alike in control and in every gateway."""
