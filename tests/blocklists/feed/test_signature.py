from __future__ import annotations

import base64

import minisign
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed import ed25519
from blocklists.feed.consumerkey import ConsumerKey, signers
from blocklists.feed.errors import FeedError
from blocklists.feed.minisign import PublicKey, verify

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493
PAIR = minisign.KeyPair.generate()
PUBLIC = bytes(PAIR.public_key).decode()


def _peer(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_signatures_of_the_rfc_verify(key: str, message: str, signature: str) -> None:
    parts = [bytes.fromhex(part) for part in (key, message, signature)]
    assert ed25519.signature_holds(*parts)
    assert not ed25519.signature_holds(parts[0], parts[1] + b"x", parts[2])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 63), st.integers(0, 255))
def test_we_agree_with_cryptography_on_good_and_on_changed_signatures(
    seed: bytes, message: bytes, place: int, change: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), bytearray(private.sign(message))
    signature[place] ^= change
    holds = ed25519.signature_holds(key, message, bytes(signature))
    assert holds == _peer(key, message, bytes(signature)) == (change == 0)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_arbitrary_keys_and_signatures_are_refused_without_an_error(key: bytes, signature: bytes) -> None:
    assert not ed25519.signature_holds(key, b"message", signature)


def test_a_scalar_beyond_the_order_and_a_point_beyond_the_prime_are_refused() -> None:
    key, message, signature = (bytes.fromhex(part) for part in RFC_8032[1])
    more = int.from_bytes(signature[32:], "little") + ORDER
    assert not ed25519.signature_holds(key, message, signature[:32] + more.to_bytes(32, "little"))
    for y in (2**255 - 19, 2**255 - 18, 2**255 - 1):
        assert not ed25519.signature_holds(y.to_bytes(32, "little"), message, signature)
    assert not ed25519.signature_holds((1 | 1 << 255).to_bytes(32, "little"), message, signature)  # x = 0 with a sign
    assert not ed25519.signature_holds(key[:31], message, signature)


def _signed(data: bytes = b"data", *, prehash: bool = True) -> str:
    return bytes(PAIR.secret_key.sign(data, prehash=prehash, trusted_comment="a comment")).decode()


def test_a_signature_of_the_minisign_library_verifies_and_tells_its_trusted_comment() -> None:
    assert verify(b"data", _signed(), PublicKey.parse(PUBLIC)) == "a comment"
    assert verify(b"data", _signed() + "\n", PublicKey.parse(PUBLIC.splitlines()[-1])) == "a comment"


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ("", "four lines"),
        (_signed() + "\n\n", "four lines"),
        (_signed(prehash=False), "algorithm"),
        (_signed(b"other"), "does not fit"),
        (_signed().replace("a comment", "b comment"), "trusted comment"),
        (_signed().replace("untrusted comment: ", "comment: "), "four lines"),
        ("\n".join([*_signed().split("\n")[:3], "!"]), "not base64"),
        ("\n".join([*_signed().split("\n")[:3], base64.b64encode(b"short").decode()]), "5 bytes, where 64"),
    ],
    ids=map(str, range(8)),  # keys are random: processes must agree on the names
)
def test_a_broken_signature_is_refused_and_says_why(signature: str, why: str) -> None:
    with pytest.raises(FeedError, match=why):
        verify(b"data", signature, PublicKey.parse(PUBLIC))


def test_a_second_spelling_of_the_same_base64_is_refused() -> None:
    lines = _signed().split("\n")
    assert lines[3].endswith("==")
    swapped = lines[3][-3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    lines[3] = lines[3][:-3] + alphabet[alphabet.index(swapped) ^ 1] + "=="
    with pytest.raises(FeedError, match="canonical"):
        verify(b"data", "\n".join(lines), PublicKey.parse(PUBLIC))


def test_another_key_is_named_in_the_refusal() -> None:
    other = PublicKey.parse(bytes(minisign.KeyPair.generate().public_key).decode())
    with pytest.raises(FeedError, match=f"{other.key_id} was due"):
        verify(b"data", _signed(), other)


def test_a_consumer_key_reads_back_and_does_not_show_itself() -> None:
    key = ConsumerKey(consumer="local", tag_key=bytes(range(32)), feed_keys=(PUBLIC.splitlines()[-1],))
    assert ConsumerKey.parse(key.to_json()) == key
    assert bytes(range(32)).hex() not in repr(key)
    assert "tag_key" not in repr(key)
    assert signers(key.to_json()) == signers(PUBLIC) == key.public_keys


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PUBLIC, "public key, which can only verify"),
        ("", "comment line"),
        ("{}", "'consumer' is missing"),
        ("{", "consumer key:"),
        ('{"consumer": 1}', "consumer is not text"),
        ('{"consumer": "../x", "tag_key": "", "feed_keys": []}', "not a name"),
        ('{"consumer": "x", "tag_key": "00", "feed_keys": []}', "1 bytes, 32"),
        (f'{{"consumer": "x", "tag_key": "{"00" * 32}", "feed_keys": []}}', "feed_keys is empty"),
        (f'{{"consumer": "x", "tag_key": "{"00" * 32}", "feed_keys": ["x"]}}', "public key"),
    ],
    ids=map(str, range(9)),
)
def test_a_wrong_key_file_is_refused_and_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(FeedError, match=why):
        ConsumerKey.parse(text)
