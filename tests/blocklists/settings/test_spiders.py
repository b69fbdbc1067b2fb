"""What the configuration knows of spiders is what the spiders take, though none is imported."""

from __future__ import annotations

import inspect
import subprocess
import sys
from contextlib import suppress

import pytest
import scrapy
from scrapy.utils.misc import walk_modules_iter

from blocklists.settings.spiders import arguments_of, known_hubs
from crawler.hubspider import HubSpider
from crawler.listing import CrawlError

#: What spiders of their kind are made with.
GIVEN = {"base": "http://127.0.0.1:1", "names": "channel", "list": "owner/list", "apps": "org.example.app"}
UNNAMED = {"arguments", "kwargs", "self", "revisit"}


def spiders() -> dict[str, type[HubSpider]]:
    found = [kind for module in walk_modules_iter("crawler.spiders") for kind in vars(module).values()]
    return {
        kind.name: kind
        for kind in found
        if inspect.isclass(kind) and issubclass(kind, HubSpider) and hasattr(kind, "name")
    }


def test_every_spider_is_known_by_its_name_and_nothing_else_is() -> None:
    assert set(known_hubs()) == set(spiders())


@pytest.mark.parametrize("hub", known_hubs())
def test_each_argument_that_is_known_is_taken_and_each_parameter_is_known(
    hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = spiders()[hub]
    named = {
        name for base in kind.__mro__ if issubclass(base, HubSpider) for name in inspect.signature(base).parameters
    }
    assert named - UNNAMED <= arguments_of(hub)
    left: dict[str, str] = {}
    monkeypatch.setattr(scrapy.Spider, "__init__", lambda _, **others: left.update(others))
    given = {name: value for name, value in GIVEN.items() if name in arguments_of(hub)}
    for argument in arguments_of(hub):
        with suppress(CrawlError, OSError):
            kind(**{**given, argument: "7"})
    kind(**given, nobodys="7")
    assert left == {"nobodys": "7"}


def test_the_spiders_are_known_without_scrapy() -> None:
    code = (
        "import sys; from blocklists.settings.spiders import arguments_of; assert 'queries' in arguments_of('github'); "
        "print([name for name in ('scrapy', 'twisted', 'crawler.hubspider') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
