"""One file a hub; each promises listings of its hub and nothing else."""
