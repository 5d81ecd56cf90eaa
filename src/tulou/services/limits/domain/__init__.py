"""Rules of limits: pure, no I/O."""
