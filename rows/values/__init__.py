"""Records -> values, by the rules of their columns' types. The third step."""
