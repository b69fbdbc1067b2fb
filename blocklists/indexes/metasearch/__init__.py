"""Metasearch pages that drop what the feed lists: plugins for Debian's searx and for SearXNG, standard library only."""
