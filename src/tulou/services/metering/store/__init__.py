"""All SQL of the metering service, for SQLite and PostgreSQL.

Raw entries are found by time and id, which together are their primary key: it keeps what was written together together,
and is what a table of PostgreSQL may be partitioned by. Sums are kept for numbers that stand for dimensions, so that a
row of them is narrow. What may be there already is inserted with ON CONFLICT, which both know, each by its own words.
"""
