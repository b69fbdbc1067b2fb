"""What one model thinks of one text: probabilities per label, a band, and the spans that led to it."""

import json
from dataclasses import dataclass
from enum import StrEnum

from classifiers.taxonomy import Label


class Band(StrEnum):
    """How soon a person should look."""

    CLEAR = "clear"
    REVIEW = "review"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """A span of the original text that spoke for a label.

    `start` and `end` count code points of the field (`title`, `text` or `tags`, the latter joined by newlines);
    `text` is that slice, left empty where the label is `minor_abuse`; `weight` is in log-odds.
    """

    field: str
    start: int
    end: int
    text: str
    label: Label
    weight: float

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "field": self.field,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "label": self.label.value,
            "weight": self.weight,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Scores, band and reasons for one text, with the version of the model that gave them."""

    labels: dict[Label, float]
    score: float
    band: Band
    because: tuple[Because, ...]
    model: str
    abstained: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The JSON form of DESIGN section 5; `abstained` appears only where the model abstained."""
        form: dict[str, object] = {
            "labels": {label.value: probability for label, probability in self.labels.items()},
            "score": self.score,
            "band": self.band.value,
            "because": [span.to_dict() for span in self.because],
            "model": self.model,
        }
        return form if self.abstained is None else {**form, "abstained": self.abstained}

    def to_json(self) -> str:
        """The JSON form as text; that of a verdict without spans, which nearly all are, is filled in and not built."""
        if self.because or self.abstained is not None:
            return _write(self.to_dict())
        numbers = (*[self.labels[label] for label in _LABELS], self.score)
        return _PLAIN % (*[_WRITTEN.get(number) or repr(number) for number in numbers], self.band.value, self.model)


_write = json.JSONEncoder(ensure_ascii=False).encode
_LABELS = tuple(Label)
_WRITTEN = {number / 10_000: repr(number / 10_000) for number in range(10_001)}  # what probabilities are rounded to
_PLAIN = (
    f'{{"labels": {{{", ".join(f"{json.dumps(label)}: %s" for label in Label)}}}, '
    '"score": %s, "band": "%s", "because": [], "model": "%s"}'
)
