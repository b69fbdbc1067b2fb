"""Proof and care of what is kept: the log verified, evidence held, expired, handed over, erased."""
