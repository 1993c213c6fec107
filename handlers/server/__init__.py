"""What serves the requests: gunicorn's worker and its log, and what leans on gunicorn's inner names."""
