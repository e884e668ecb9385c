"""The embedded PostgreSQL for development, demo and tests."""
