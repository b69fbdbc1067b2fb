"""What people decide and what indexes apply: rules, ledger, work and the command."""
