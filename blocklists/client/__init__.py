"""The consumer's side of the feed, on the standard library alone: open, update, check, filter."""

from blocklists.client.answering import Hit
from blocklists.client.reader import Feed

__all__ = ["Feed", "Hit"]
