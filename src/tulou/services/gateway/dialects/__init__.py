"""Dialects: every way to ask for and to write an answer, over one typed model of both.

`prompt.py` is what may be asked, `events.py` what may be answered; `dialect.py` is what a dialect has to do. Each
dialect is a package of its own and knows no other.
"""
