"""What the service says of itself: the OpenAPI description, made from its responders, tables and reports."""
