"""What goes out: the forms of answers and of errors, and the places of those that take long."""
