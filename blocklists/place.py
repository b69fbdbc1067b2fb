"""Where things lie: every path a command uses, made from one folder and one configuration file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blocklists.configuration import Configuration, read_configuration

LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder that runs write to, and the configuration beside it."""

    var: Path
    config: Path = Path("delist.toml")

    @property
    def configuration(self) -> Configuration:
        """Read the configuration; every default where there is no file.

        Raises:
            ConfigurationError: a line of it is wrong.
        """
        return read_configuration(self.config)

    @property
    def wordlist(self) -> Path | None:
        """The operator's list of words that escalate a text, if the configuration names one."""
        named = self.configuration.classifier.wordlist
        return self.config.parent / named if named else None

    @property
    def crawls(self) -> Path:
        """The folder of crawl files, one folder a hub."""
        return self.var / "crawls"

    @property
    def ledger(self) -> Path:
        """The one database."""
        return self.var / "ledger.db"

    @property
    def feeds(self) -> Path:
        """The folder of feeds, one folder a consumer."""
        return self.var / "feed"

    @property
    def keys(self) -> Path:
        """The folder of keys: the feed's pair, and one file a consumer."""
        return self.var / "keys"

    @property
    def logs(self) -> Path:
        """The folder of spiders' logs, which hold no listing text."""
        return self.var / "logs"

    def feed_folder(self, consumer: str = LOCAL) -> Path:
        """One consumer's feed."""
        return self.feeds / consumer

    def key_file(self, consumer: str = LOCAL) -> Path:
        """One consumer's key."""
        return self.keys / "consumers" / f"{consumer}.json"

    def client_state(self, consumer: str = LOCAL) -> Path:
        """What one consumer last verified."""
        return self.var / "client" / consumer
