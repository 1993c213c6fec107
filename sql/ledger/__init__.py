"""The ledger: every upload, what became of its records, what it replaced and where it came from."""
