"""Ratios against peers and against the bare database."""
