"""`python -m cliproxy.cli` is the command `cliproxy`."""

from .main import main

main()
