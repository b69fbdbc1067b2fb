"""Hugging Face datasets: what searches find, newest first, each with its card."""

from __future__ import annotations

from crawler.huggingface import HuggingFaceSpider
from crawler.listing import Kind


class HuggingFaceDatasetsSpider(HuggingFaceSpider):
    """The catalogue of datasets; arguments and API are those of every Hugging Face catalogue."""

    name = "huggingface_datasets"
    catalogue = "datasets"
    folder = "datasets/"
    kind = Kind.DATASET
    prefix = "huggingface-dataset:"
    expand = ("description", "downloads", "gated")
    expects = (1_000, 9_000)
