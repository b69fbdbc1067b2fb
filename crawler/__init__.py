"""The web to listings: spiders, guards and crawl files. Has never heard of harm."""
