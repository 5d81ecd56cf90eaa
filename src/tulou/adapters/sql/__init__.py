"""The database port over SQLAlchemy: SQLite in a file, PostgreSQL by network; both migrated by Alembic."""
