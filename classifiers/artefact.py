"""The trained artefact: one JSON file with the lexicon, the weights as whole numbers, calibration and thresholds."""

import base64
import json
import zlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.features import BUCKET_BITS, COLUMNS, FEATURES_VERSION
from classifiers.taxonomy import TAXONOMY_VERSION, Label, ModelError

FORMAT = "delist-model-2"
ANY_TARGET = "target"  # the head that answers: any target label at all?
HEADS: tuple[str, ...] = (ANY_TARGET, *(label.value for label in Label))
UNIT = 1 << 10  # weights are whole multiples of 1/UNIT, so that sums are exact in any order

Weights = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """All that judging needs.

    `grams` is (2**BUCKET_BITS, heads), `concepts` (COLUMNS, heads), both in 1/UNIT; `bias`, `slope`, `shift` and
    `stretch` are a number a head (probability = sigmoid(slope * log-odds + shift + stretch * octaves of length));
    `review` and `urgent` are thresholds.
    """

    version: str
    lexicon: dict[str, list[str]]
    grams: Weights
    concepts: Weights
    bias: tuple[float, ...]
    slope: tuple[float, ...]
    shift: tuple[float, ...]
    stretch: tuple[float, ...]
    review: float
    urgent: float
    figures: dict[str, float]


def dump(artefact: Artefact) -> bytes:
    """The file's bytes: a line a field, the same for the same artefact."""
    used = np.flatnonzero(artefact.grams.any(axis=1))
    form = {
        "format": FORMAT,
        "version": artefact.version,
        "taxonomy": TAXONOMY_VERSION,
        "features": FEATURES_VERSION,
        "heads": HEADS,
        "figures": artefact.figures,
        "thresholds": {name: getattr(artefact, name) for name in ("review", "urgent")},
        "bias": artefact.bias,
        "slope": artefact.slope,
        "shift": artefact.shift,
        "stretch": artefact.stretch,
        "lexicon": artefact.lexicon,
        "buckets": _packed(np.diff(used, prepend=0).astype("<i4")),  # each but the first counts from the one before
        "grams": _packed(artefact.grams[used].astype("<i2")),
        "concepts": _packed(artefact.concepts.astype("<i2")),
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in form.items())
    return f"{{\n{lines}\n}}\n".encode()


def _packed(numbers: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(numbers.tobytes(), 9)).decode()


def shipped() -> Path:
    """Where the shipped artefact lies."""
    return Path(str(resources.files("classifiers").joinpath("data/model.json")))


def load(path: Path | None = None) -> Artefact:
    """Read an artefact, by default the one that is shipped.

    Raises:
        ModelError: the file cannot be read or is not an artefact of this version; names file and field.
    """
    where = "the shipped model" if path is None else str(path)
    try:
        form = json.loads((path or shipped()).read_bytes())
    except OSError as error:
        raise ModelError(f"{where}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not JSON: {error}") from error
    return _Reader(where, form).artefact()


class _Reader:
    """Takes a parsed file apart, naming the field that is wrong."""

    def __init__(self, where: str, form: object) -> None:
        self._where = where
        if not isinstance(form, dict):
            raise ModelError(f"{where}: not an object")
        self._form: dict[str, Any] = form

    def artefact(self) -> Artefact:
        expected = {
            "format": FORMAT,
            "taxonomy": TAXONOMY_VERSION,
            "features": FEATURES_VERSION,
            "heads": list(HEADS),
        }
        for field, value in expected.items():
            if self._form.get(field) != value:
                raise self._wrong(field, f"expected {value!r}, got {self._form.get(field)!r}")
        thresholds, figures = self._field("thresholds", dict), self._field("figures", dict)
        return Artefact(
            version=self._field("version", str),
            lexicon=self._lexicon(),
            grams=self._grams(),
            concepts=self._unpacked("concepts", "<i2", (COLUMNS, len(HEADS))),
            bias=self._floats("bias"),
            slope=self._floats("slope"),
            shift=self._floats("shift"),
            stretch=self._floats("stretch"),
            figures=figures,
            **{name: self._probability(thresholds, name) for name in ("review", "urgent")},
        )

    def _wrong(self, field: str, what: str) -> ModelError:
        return ModelError(f"{self._where}: {field}: {what}; train a model with this version (delist train)")

    def _field(self, field: str, kind: type) -> Any:  # noqa: ANN401 - the caller names the kind
        value = self._form.get(field)
        if not isinstance(value, kind):
            raise self._wrong(field, f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    def _floats(self, field: str) -> tuple[float, ...]:
        values = self._field(field, list)
        if len(values) != len(HEADS) or not all(isinstance(value, float | int) for value in values):
            raise self._wrong(field, f"expected {len(HEADS)} numbers")
        return tuple(map(float, values))

    def _probability(self, thresholds: dict[str, Any], name: str) -> float:
        value = thresholds.get(name)
        if not isinstance(value, float) or not 0 < value < 1:
            raise self._wrong(f"thresholds.{name}", f"expected a number between 0 and 1, got {value!r}")
        return value

    def _lexicon(self) -> dict[str, list[str]]:
        lexicon: dict[str, list[str]] = self._field("lexicon", dict)
        for concept, terms in lexicon.items():
            if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
                raise self._wrong(f"lexicon.{concept}", "expected a list of strings")
        return lexicon

    def _grams(self) -> Weights:
        buckets = np.cumsum(self._unpacked("buckets", "<i4", (-1,)))
        if buckets.size and not (buckets.min() >= 0 and buckets.max() < 1 << BUCKET_BITS):
            raise self._wrong("buckets", f"expected numbers below {1 << BUCKET_BITS}")
        weights = np.zeros((1 << BUCKET_BITS, len(HEADS)), np.int32)
        weights[buckets] = self._unpacked("grams", "<i2", (buckets.size, len(HEADS)))
        return weights

    def _unpacked(self, field: str, kind: str, shape: tuple[int, ...]) -> Weights:
        try:
            numbers = np.frombuffer(zlib.decompress(base64.b64decode(self._field(field, str))), kind)
            return numbers.reshape(shape).astype(np.int32)
        except (ValueError, zlib.error) as error:
            raise self._wrong(field, f"damaged ({error})") from error
