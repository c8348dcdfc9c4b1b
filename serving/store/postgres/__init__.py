"""The score table in PostgreSQL."""
