"""What may be used in a time, a period, or for money; and the shares of it that gateways spend.

Owns: tables `limits_*`: limits, and what is used and held of them; rates of a second or a minute are in memory only.
Needs: Database, Outbox, Clock, and a shared store of allowances where there is one.
Publishes: LimitChanged, LimitWarned.
Flow: put_limit -> snapshots -> gateways lease shares (what is granted counts as used) -> and settle what they used.
"""
