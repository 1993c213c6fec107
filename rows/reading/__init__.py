"""Reading in a process of its own: a large file is read and checked there, while this one stores."""
