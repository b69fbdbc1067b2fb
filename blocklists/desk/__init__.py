"""The review desk in a terminal: keys, panes, and care for the people at it."""
