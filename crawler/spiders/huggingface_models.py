"""Hugging Face models: what searches find, newest first, each with its card."""

from __future__ import annotations

from crawler.huggingface import HuggingFaceSpider
from crawler.listing import Kind


class HuggingFaceModelsSpider(HuggingFaceSpider):
    """The catalogue of models; arguments and API are those of every Hugging Face catalogue."""

    name = "huggingface_models"
    catalogue = "models"
    folder = ""
    kind = Kind.MODEL
    prefix = "pkg:huggingface/"
    expand = ("downloads", "gated", "library_name", "pipeline_tag")
