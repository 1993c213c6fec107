"""What is said of an upload: what became of every record. The last step."""
