"""What was used: counted for every exchange, priced, kept in the shared store, and told in sums."""
