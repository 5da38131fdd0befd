"""A simulator of dual-energy X-ray scans of containers and trucks. For tests of models alone; not for training."""
