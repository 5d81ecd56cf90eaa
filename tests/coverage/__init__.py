"""How much of each room the unit and contract tests run, and what must never become less."""
