"""What the Responses API remembers: earlier responses that a client continues, and connections that stay open."""
