"""Our server beside others: the same bytes, and where each sees requests end."""
