"""Once only: whether a request was done before, and what became of it. It is asked before anything is stored."""
