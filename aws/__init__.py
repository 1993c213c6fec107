"""The same service on AWS, without a server of one's own: entries for Lambda, and no logic of loading."""
