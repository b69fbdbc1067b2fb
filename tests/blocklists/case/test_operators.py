"""Who is behind a listing: accounts, wallets and counters; read once, and never a list of others' accounts."""

from __future__ import annotations

import hashlib
import time

import pytest

from blocklists.case.operators import operators
from crawler.listing import Kind, Listing

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def keys(text: str, *links: str, url: str = "https://hub.example.test/tool/one") -> set[str]:
    made = Listing(id="directory:one", hub="directory", kind=Kind.TOOL, url=url, title="t", text=text, links=links)
    return set(operators(made))


def wallet(version: int) -> str:
    """An invented Base58Check address."""
    body = bytes([version]) + hashlib.sha256(b"nobody").digest()[:20]
    number = int.from_bytes(body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4], "big")
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = ALPHABET[rest] + letters
    return letters if version else f"1{letters}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Questions: https://t.me/Invented_Channel/12", "by telegram:invented_channel"),
        ("https://t.me/s/invented_channel?before=5", "by telegram:invented_channel"),
        ("Telegram: @Invented_Channel.", "by telegram:invented_channel"),
        ("t.me/+AbCdEfGhIjKl", "by telegram-invite:AbCdEfGhIjKl"),
        ("join discord.gg/AbC12xY!", "by discord:AbC12xY"),
        ("discord.com/invite/AbC12xY", "by discord:AbC12xY"),
        ("write to Help.Desk@invented-operator.invalid.", "by mail:help.desk@invented-operator.invalid"),
        ("www.patreon.com/c/invented_maker/posts", "by patreon:invented_maker"),
        ("(ko-fi.com/inventedmaker)", "by ko-fi:inventedmaker"),
        ("https://invented.gumroad.com/l/pack", "by gumroad:invented"),
        (f"tips: {wallet(0)}", f"by bitcoin:{wallet(0)}"),
        (f"USDT {wallet(0x41)},", f"by tron:{wallet(0x41)}"),
        (f"0x{'aB' * 20}", f"by ethereum:0x{'ab' * 20}"),
        ("gtag('config', 'G-AB12CD34EF');", "by google:G-AB12CD34EF"),
        ("UA-12345678-3", "by google-ua:UA-12345678"),
        ("data-ad-client=ca-pub-1234567890123456", "by adsense:pub-1234567890123456"),
    ],
)
def test_an_account_is_found_however_it_is_written(text: str, key: str) -> None:
    assert keys(text) == {key}


def test_links_tell_as_much_as_text() -> None:
    assert keys("", "https://t.me/invented_bot?start=ref9") == {"by telegram:invented_bot"}


@pytest.mark.parametrize(
    "text",
    [
        "https://t.me/share/url?u=x and t.me/addstickers/Pack",
        "evil-t.me/invented_channel, nott.me/invented_channel, xko-fi.com/somebody",
        "support@hub.example.test",  # of the page's own host
        "no-reply@invented.invalid, git@invented.invalid, you@example.com",
        f"{wallet(0)[:-1]}2 does not add up",
        "a G-ABCDEFGHIJ string without a digit, G-star, UA-1-1, version 13.0.1",
        "@somebody without a word of where",
    ],
)
def test_what_is_nobodys_account_is_none(text: str) -> None:
    assert keys(text) == set()


def test_a_list_of_accounts_is_not_the_lists_own() -> None:
    many = " ".join(f"t.me/invented_{n}" for n in range(4))
    assert keys(f"{many} discord.gg/own1") == {"by discord:own1"}


@pytest.mark.parametrize("unit", ["a", "@", "a@b.", "t.me/", "telegram:  @", "G-", "0x", "1", " ", "x" * 64 + "@"])
def test_any_text_is_read_once(unit: str) -> None:
    def took(size: int) -> float:
        text = (unit * size)[:size]
        began = time.process_time()
        keys(text)
        return time.process_time() - began

    assert took(100_000) < 20 * took(20_000) + 0.2
