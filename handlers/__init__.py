"""HTTP and nothing else: one module per URL prefix, each with responders that take, call and answer."""
