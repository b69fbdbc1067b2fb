"""Texts to verdicts: taxonomy, features, model, measurement. Has never heard of the web."""
