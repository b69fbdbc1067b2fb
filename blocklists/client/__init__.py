"""The consumer's side of the feed, on the standard library alone: open, update, check, filter."""

from blocklists.client.reader import Feed, Hit

__all__ = ["Feed", "Hit"]
