"""Prove that nobody learns of rows that they may not see: change those, and compare the answers."""
