"""The review desk without its screen: reading the queue, ruling on cases."""
