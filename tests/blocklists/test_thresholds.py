"""An operator's thresholds, for all labels and for one, move the band; abuse of minors is never moved down."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.configuration import Limits, Thresholds
from blocklists.screening import band_of
from blocklists.settings.tables import LABELS
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band, Verdict

SCORES = st.floats(0, 1)
LIMITS = st.builds(Limits, review=st.sampled_from([0.0, 0.2, 0.5]), urgent=st.sampled_from([0.0, 0.5, 0.9]))


def verdict(label: Label, score: float, band: Band) -> Verdict:
    labels = dict.fromkeys(Label, 0.0) | {label: score}
    return Verdict(labels=labels, score=score, band=band, because=(), model="m")


def test_a_label_has_its_own_limits_and_others_keep_theirs() -> None:
    mine = Thresholds(review=0.3, promotion=Limits(review=0.8))
    assert band_of(verdict(Label.PROMOTION, 0.6, Band.REVIEW), mine) is Band.CLEAR
    assert band_of(verdict(Label.NUDIFY, 0.6, Band.REVIEW), mine) is Band.REVIEW
    assert band_of(verdict(Label.NUDIFY, 0.2, Band.REVIEW), mine) is Band.CLEAR


def test_a_threshold_that_is_left_at_nought_is_the_models_own() -> None:
    assert band_of(verdict(Label.NUDIFY, 0.95, Band.URGENT), Thresholds(review=0.3)) is Band.URGENT
    assert band_of(verdict(Label.NUDIFY, 0.3, Band.REVIEW), Thresholds(urgent=0.9)) is Band.REVIEW
    assert band_of(verdict(Label.NUDIFY, 0.1, Band.CLEAR), Thresholds(urgent=0.9)) is Band.CLEAR


def test_every_label_of_a_case_may_have_its_own() -> None:
    assert set(LABELS) == set(TARGETS)


@settings(max_examples=100, deadline=None)
@given(SCORES, st.sampled_from(Band), LIMITS, LIMITS)
def test_what_the_model_flags_as_abuse_of_minors_is_urgent_whatever_is_set(
    score: float, band: Band, every: Limits, own: Limits
) -> None:
    mine = Thresholds(review=every.review, urgent=every.urgent, minor_abuse=own)
    ranks = [Band.CLEAR, Band.REVIEW, Band.URGENT]
    found = band_of(verdict(Label.MINOR_ABUSE, score, band), mine)
    assert ranks.index(found) >= ranks.index(band)
    if band is not Band.CLEAR and (mine.of("minor_abuse") != Limits()):
        assert found is Band.URGENT
