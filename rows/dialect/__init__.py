"""How a file is written: what the steps before need to be told, given or found in its first records."""
