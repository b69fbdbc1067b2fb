"""Screening in bulk: inputs are cut into blocks, workers read and judge them, results come back in order."""
