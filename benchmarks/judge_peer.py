"""The peer of benchmarks/judge.py: scikit-learn's words and letters at stock settings, JSON in and out."""

import json
from collections.abc import Iterator, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union


def fit(texts: Sequence[str], truth: Sequence[bool]) -> Pipeline:
    """TF-IDF of words (1-2) and letters within words (2-5), logistic regression; every setting as it comes."""
    features = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    return make_pipeline(features, LogisticRegression()).fit(list(texts), list(truth))


def judge(lines: Sequence[bytes], peer: Pipeline) -> Iterator[bytes]:
    """A score for every line, all in one batch: what suits the peer best."""
    rows = [json.loads(line) for line in lines]
    scores = peer.predict_proba([f"{row['title']}\n{row['text']}" for row in rows])[:, 1]
    for row, score in zip(rows, scores, strict=True):
        yield json.dumps({**row, "score": float(score)}, ensure_ascii=False).encode() + b"\n"
