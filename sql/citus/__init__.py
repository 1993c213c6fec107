"""Citus, which spreads PostgreSQL's tables over machines: what differs there from sql/postgresql, and nothing else."""
