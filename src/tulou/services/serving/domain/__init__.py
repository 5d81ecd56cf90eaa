"""The rules of serving: from what is wanted and what is seen to what is to be done. Pure."""
