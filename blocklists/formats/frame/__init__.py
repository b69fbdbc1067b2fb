"""What plain formats share: the entries they are given, how formats are found, and one export from ledger to bytes."""
