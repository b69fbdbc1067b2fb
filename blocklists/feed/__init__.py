"""The feed's rules, pure and on the standard library: addresses, targets, tags, tables, manifests, signatures."""
