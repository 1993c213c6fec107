"""Connections that are used again, and transactions that are done again where a passing fault undid them."""
