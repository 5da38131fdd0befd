"""Random draws. Everything in a scan comes from one seed through these."""
import zlib

import numpy as np


class Draw:
    """A stream of random numbers. `child(name)` gives a stream of its own, so that one part never shifts another."""

    def __init__(self, *key):
        self.key = tuple(zlib.crc32(part.encode()) if isinstance(part, str) else int(part) for part in key)
        self.rng = np.random.default_rng(self.key)

    def child(self, *names):
        return Draw(*self.key, *names)

    def between(self, low, high):
        return low + (high - low) * self.rng.random()

    def log_between(self, low, high):
        """Even over the logarithm: each doubling is as likely as another."""
        return float(low * (high / low) ** self.rng.random())

    def integer(self, low, high):
        """From low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, items, weights=None):
        items = list(items)
        if weights is None:
            return items[int(self.rng.integers(len(items)))]
        shares = np.asarray(weights, float)
        return items[int(self.rng.choice(len(items), p=shares / shares.sum()))]

    def near(self, value, share=0.1):
        """Within this share of the value."""
        return value * self.between(1 - share, 1 + share)

    def normal(self, sigma=1.0):
        return float(self.rng.standard_normal() * sigma)
