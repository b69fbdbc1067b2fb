from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from classifiers.model import Model, Text
from classifiers.taxonomy import Label
from classifiers.verdict import Band

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.examples import Example

SERVICE = Text(title="Kora", text="A web tool that removes the clothing from a photo of a woman.")
SHOP = Text(title="Kora", text="Upload a photo and see how a dress from our shop looks on you before you buy it.")


def test_a_text_gets_the_same_verdict_alone_and_in_any_batch(model: Model, hold_out: list[Example]) -> None:
    texts = [example.text for example in hold_out[:40]] + [Text(title="", text="")]
    together = model.judge(texts)
    assert together == [model.judge([text])[0] for text in texts]
    assert together == model.judge(texts[::-1])[::-1]


def test_a_service_and_a_shop_are_told_apart(model: Model) -> None:
    service, shop = model.judge([SERVICE, SHOP])
    assert service.band is not Band.CLEAR
    assert max(service.labels, key=lambda label: service.labels[label]) is Label.NUDIFY
    assert shop.band is Band.CLEAR
    assert shop.because == ()


@pytest.mark.parametrize(
    "text",
    [
        "A command line tool that strips unused rules from CSS and undresses your stylesheet.",
        "Police investigate students who used an app to undress classmates.",
        "A detector that recognises nude pictures made by undress apps.",
        "We prohibit apps that remove the clothes of people in photos.",
        "Remove the background of a photo in one click.",
        "A study of websites that remove clothes from photos of women.",
    ],
)
def test_a_look_alike_is_clear(model: Model, text: str) -> None:
    assert model.judge([Text(title="", text=text)])[0].band is Band.CLEAR


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (Text(title="", text=""), "no text"),
        (Text(title="", text=" \n\u200b!?"), "no text"),
        (Text(title="Kora", text=""), "a bare name"),
        (Text(title="", text="ეს არის ქართული ტექსტი"), "unknown script"),
    ],
)
def test_too_little_is_not_judged(model: Model, text: Text, reason: str) -> None:
    verdict = model.judge([text])[0]
    assert (verdict.abstained, verdict.band, verdict.because) == (reason, Band.CLEAR, ())
    assert verdict.to_dict()["abstained"] == reason


def test_padding_does_not_hide_a_sentence(model: Model) -> None:
    padding = "The garden opens at nine and closes at six. " * 200
    text = Text(title="Kora", text=padding + SERVICE.text + padding)
    verdict = model.judge([text])[0]
    assert verdict.band is not Band.CLEAR
    assert all(text.text[span.start : span.end] == span.text for span in verdict.because if span.field == "text")
    assert model.judge([Text(title="Kora", text=padding)])[0].to_dict().get("abstained", "judged") == "judged"


def test_abuse_of_minors_is_urgent_and_its_text_is_not_repeated(model: Model, hold_out: list[Example]) -> None:
    texts = [example.text for example in hold_out if "minor_abuse" in example.labels]
    verdicts = model.judge(texts)
    assert len(verdicts) > 15
    assert sum(verdict.band is Band.URGENT for verdict in verdicts) >= 0.9 * len(verdicts)
    spans = [span for verdict in verdicts for span in verdict.because if span.label is Label.MINOR_ABUSE]
    assert spans
    assert all(span.text == "" < texts[0].text for span in spans)


def test_because_names_what_decided(model: Model, hold_out: list[Example]) -> None:
    """Every span is in the text; without them at least four of five flagged texts are no longer flagged."""
    texts = [example.text for example in hold_out if example.labels & {"nudify", "sexual_deepfake", "promotion"}]
    flagged = [(t, v) for t, v in zip(texts, model.judge(texts), strict=True) if v.band is not Band.CLEAR]
    stripped = []
    for text, verdict in flagged:
        left = text.text
        for span in sorted(verdict.because, key=lambda span: -span.start):
            assert text.text[span.start : span.end] == span.text != ""
            left = left[: span.start] + left[span.end :]
        stripped.append(Text(title="", text=left))
    still = sum(verdict.band is not Band.CLEAR for verdict in model.judge(stripped))
    assert still <= 0.2 * len(flagged)


def test_tags_are_read_and_pointed_at(model: Model) -> None:
    text = Text(title="Kora", text="", tags=("nudify", "undress any photo of a woman"))
    verdict = model.judge([text])[0]
    assert verdict.band is not Band.CLEAR
    assert {span.field for span in verdict.because} == {"tags"}
    assert all("\n".join(text.tags)[span.start : span.end] == span.text for span in verdict.because)


def test_hiding_a_text_does_not_help(model: Model, hold_out: list[Example], hide: Callable[[str], str]) -> None:
    latin = [example for example in hold_out if example.text.lang in {"en", "es", "pt", "fr", "de", "it", "nl"}]
    harmful = [example.text.text for example in latin if "look_alike" not in example.labels | {"adult"}]
    harmless = [example.text.text for example in latin if "look_alike" in example.labels]
    clean, hidden = (
        sum(verdict.band is not Band.CLEAR for verdict in model.judge([Text(title="", text=text) for text in texts]))
        for texts in (harmful, [hide(text) for text in harmful])
    )
    assert hidden >= 0.85 * clean
    verdicts = model.judge([Text(title="", text=hide(text)) for text in harmless])
    assert sum(verdict.band is not Band.CLEAR for verdict in verdicts) <= 2


def test_judging_needs_no_scikit_learn() -> None:
    code = (
        "import sys; from classifiers.model import Model, Text; Model.load().judge([Text(title='a', text='b c')]);"
        "assert not {'sklearn', 'scipy', 'scrapy', 'click'} & set(sys.modules), 'too much is imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
