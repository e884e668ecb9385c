"""The server: it moves bytes between a client and one SQL statement."""
