"""Guards: what must not change unnoticed. `docs/howto/guards.md` says how to change it on purpose."""
