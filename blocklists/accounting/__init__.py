"""The transparency report: read from the ledger, counted, small counts withheld, written as JSON, CSV, HTML, DSA."""
