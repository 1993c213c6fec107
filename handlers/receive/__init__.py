"""What comes in with a request: its parameters, its body, and the file in that."""
