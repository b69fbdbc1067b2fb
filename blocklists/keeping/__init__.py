"""Backups of the ledger and its keys, made while everything runs, verified, and put back."""
