"""Files, ledger, managed objects, checks: what changes a schema."""
