"""Attacks a model on labelled texts: every attack on every target and look-alike, round by round, the same for a seed.

A failure is a target that was found as it was written and is not found attacked, or a look-alike or legal adult text
that was left alone and is flagged attacked.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from classifiers import disguises, reporting
from classifiers.attacks import OBFUSCATIONS, Obfuscation, obfuscated
from classifiers.disguises import DISGUISES, Disguise, Material
from classifiers.examples import Example
from classifiers.model import Model
from classifiers.reporting import RESEMBLING, Judged
from classifiers.taxonomy import TARGETS, Label

ATTACKS: tuple[str, ...] = (*OBFUSCATIONS, *DISGUISES)
Attack = Callable[[Example, int], Example]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done: which attacks, how many rounds (each with its own seed), how many texts of a kind (0: all)."""

    attacks: Sequence[str] = ATTACKS
    rounds: int = 1
    sample: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one attack did over all rounds; `relative` is its recall divided by the clean one."""

    targets: int
    recall: float
    relative: float | None
    look_alikes: int
    false_rate: float | None
    lost: int
    newly_false: int

    def to_dict(self) -> dict[str, float | None]:
        """The JSON form, and a row of the table."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One attacked text that was judged wrongly and had been judged rightly."""

    attack: str
    seed: int
    label: str
    example: Example

    def to_dict(self) -> dict[str, str | int]:
        """A line that `delist evaluate` and `delist train --extra` read."""
        text = self.example.text
        row = {"title": text.title, "text": text.text, "label": self.label, "origin": self.example.origin}
        return {**row, **({"lang": text.lang} if text.lang else {}), "attack": self.attack, "seed": self.seed}

    @property
    def teaches(self) -> bool:
        """Whether training may have it: no text of `minor_abuse`, none whose purpose may have been cut off."""
        return self.label != Label.MINOR_ABUSE and self.attack != disguises.TRUNCATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All attacks on one file by one plan."""

    model: str
    clean: Figures
    attacks: Mapping[str, Figures]
    failures: Sequence[Failure]

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        rows = {name: figures.to_dict() for name, figures in self.attacks.items()}
        return {"model": self.model, "clean": self.clean.to_dict(), "attacks": rows, "failures": len(self.failures)}


def stress(examples: Sequence[Example], model: Model, plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Run `plan` on the targets and look-alikes of `examples`; its other texts serve as padding."""
    chosen = [*_sampled(examples, TARGETS, plan), *_sampled(examples, frozenset(RESEMBLING), plan)]
    material = disguises.gathered(examples)
    clean = reporting.judge(chosen, model)
    rows, failures = {}, list[Failure]()
    for name in plan.attacks:
        say(name)
        attack, attacked = _attack(name, material), list[Judged]()
        for seed in range(plan.seed, plan.seed + plan.rounds):
            texts = [attack(example, seed) for example in chosen]
            judged = reporting.judge(texts, model)
            failures += _failures(zip(texts, clean, judged, strict=True), name, seed)
            attacked += judged
        rows[name] = _figures(clean * plan.rounds, attacked)
    return Outcome(model=model.version, clean=_figures(clean, clean), attacks=rows, failures=failures)


def _sampled(examples: Iterable[Example], labels: frozenset[str], plan: Plan) -> list[Example]:
    of_kind = [example for example in examples if example.labels & labels]
    if not 0 < plan.sample < len(of_kind):
        return of_kind
    rng = random.Random(plan.seed)  # noqa: S311 - repeatable sampling, not secrecy
    return [of_kind[at] for at in sorted(rng.sample(range(len(of_kind)), plan.sample))]


def _attack(name: str, material: Material) -> Attack:
    return _spelling(OBFUSCATIONS[name]) if name in OBFUSCATIONS else _disguise(name, DISGUISES[name], material)


def _spelling(obfuscation: Obfuscation) -> Attack:
    return lambda example, seed: replace(example, text=obfuscated(example.text, obfuscation, seed))


def _disguise(name: str, disguise: Disguise, material: Material) -> Attack:
    def attacked(example: Example, seed: int) -> Example:
        key = f"{name} {seed} {example.text.title}\n{example.text.text}".encode("utf-8", "surrogatepass")
        return disguise(example, random.Random(key), material)  # noqa: S311 - repeatable sampling, not secrecy

    return attacked


def _failures(rows: Iterable[tuple[Example, Judged, Judged]], attack: str, seed: int) -> Iterator[Failure]:
    for example, before, after in rows:
        if _right(before) and not _right(after):
            yield Failure(attack=attack, seed=seed, label=before.label, example=example)


def _right(judged: Judged) -> bool:
    return judged.flagged == judged.target


def _figures(clean: Sequence[Judged], attacked: Sequence[Judged]) -> Figures:
    pairs = list(zip(clean, attacked, strict=True))
    targets = [(before.flagged, after.flagged) for before, after in pairs if before.target]
    others = [(before.flagged, after.flagged) for before, after in pairs if before.resembling]
    found, held = sum(before for before, _ in targets), sum(after for _, after in targets)
    return Figures(
        targets=len(targets),
        recall=held / len(targets) if targets else 0.0,
        relative=held / found if found else None,
        look_alikes=len(others),
        false_rate=sum(after for _, after in others) / len(others) if others else None,
        lost=sum(before and not after for before, after in targets),
        newly_false=sum(after and not before for before, after in others),
    )
