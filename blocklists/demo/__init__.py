"""The whole chain on a bundled loopback hub whose listings are invented."""
