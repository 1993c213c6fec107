"""What is counted for GET /metrics, by all workers together."""
