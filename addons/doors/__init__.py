"""The entrances that are more than a base URL and a format: what differs there, one module each."""
