"""The terms that a text may be given, and the one error of this floor; imports nothing but the standard library."""

from enum import StrEnum
from typing import ClassVar

TAXONOMY_VERSION = 1


class ModelError(Exception):
    """A model, a lexicon or a labelled file cannot be used as it is; says which file and field."""

    status: ClassVar[int] = 1


class Label(StrEnum):
    """A term of the taxonomy (DESIGN section 4)."""

    NUDIFY = "nudify"
    SEXUAL_DEEPFAKE = "sexual_deepfake"
    SEXUAL_LIKENESS = "sexual_likeness"
    MINOR_ABUSE = "minor_abuse"
    PROMOTION = "promotion"
    ADULT = "adult"
    BENIGN = "benign"


TARGETS: frozenset[Label] = frozenset(
    {Label.NUDIFY, Label.SEXUAL_DEEPFAKE, Label.SEXUAL_LIKENESS, Label.MINOR_ABUSE, Label.PROMOTION}
)
