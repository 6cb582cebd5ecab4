"""Recorded flows that ship with the gateway: the demo, the documentation and the tests replay them."""
