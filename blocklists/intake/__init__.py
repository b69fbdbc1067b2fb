"""From outside: reports that raise cases, appeals that ask to reverse decisions, proofs of ownership."""
