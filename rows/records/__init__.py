"""Text -> physical lines -> records, strictly by RFC 4180. The second step."""
