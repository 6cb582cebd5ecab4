"""The management API under ``/v0/management``: what runs, and changes to it, for whoever holds its key."""
