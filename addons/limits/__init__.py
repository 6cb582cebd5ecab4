"""What each client key may use: which models, how much a minute, how much a day."""
