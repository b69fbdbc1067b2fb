"""`python -m blocklists.cli` is `delist`."""

from blocklists.cli import main

main()
