"""Makes the reference pages of the documentation from the code that they describe; nothing of it is installed."""
