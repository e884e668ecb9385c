"""What moves bytes between a client and one SQL statement."""
