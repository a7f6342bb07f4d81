"""The schema of the store: SQLAlchemy models, engines and Alembic migrations."""
