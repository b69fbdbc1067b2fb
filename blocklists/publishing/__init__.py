"""Decisions to a feed: what should be listed, the gates before it, and the release that readers see at once."""
