"""What migrate.py is made of: rules of the files, ledger, managed objects, pgTAP, linters."""
