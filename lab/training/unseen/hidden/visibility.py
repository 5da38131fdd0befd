"""How well a change can be seen. The scale is invented: about 1 is as much as the load's own structure."""
import numpy as np

from ..physics import typical_attenuation

SURROUNDINGS = 15
"""Pixels around a change in which structure is measured."""


class Effect:
    """What a change does to the attenuation, in pixels of a mask.

    All images are rows x columns of rough -ln T: `before` and `after` of the whole scene; `mask` says where it is seen.
    """

    def __init__(self, before, change, mask):
        self.before, self.after, self.mask = before, before + change, mask
        self.rows, self.columns = np.nonzero(mask)

    def visibility(self, photons):
        """Contrast relative to structure and noise."""
        contrast = -np.log(max(1 - self.relative_contrast(), 1e-3))
        size = min(1.5, (self.mask.sum() / 1500) ** .25)
        return contrast / (self.structure() + self.noise(photons)) * size

    def relative_contrast(self):
        """Mean change of the signal, 0 to 1."""
        before, after = self.before[self.mask], self.after[self.mask]
        change = np.abs(np.exp(-after) - np.exp(-before)) / np.exp(-self.lesser())
        return float(np.mean(change))

    def lesser(self):
        """The lesser attenuation of the two scenes, in the mask."""
        return np.minimum(self.before, self.after)[self.mask]

    def structure(self):
        """Edges and unevenness of the load around the change."""
        top, bottom = max(0, self.rows.min() - SURROUNDINGS), self.rows.max() + SURROUNDINGS
        left, right = max(0, self.columns.min() - SURROUNDINGS), self.columns.max() + SURROUNDINGS
        around = self.before[top:bottom:2, left:right:2]
        edges = np.abs(np.diff(around, axis=1)).mean() + np.abs(np.diff(around, axis=0)).mean()
        return .04 + .5 * float(edges) + .12 * float(around.std())

    def noise(self, photons):
        """Quantum noise relative to the signal."""
        return float(np.exp(np.median(self.lesser()) / 2) / np.sqrt(photons))

    def is_in_air(self):
        """Whether there is hardly anything else in its rays."""
        return np.median(self.before[self.mask]) < .25

    def count_bare_sides(self, goods, changed_goods):
        """On how many sides, left and right, few goods stand. Takes areal densities before and after."""
        usual = float(np.median(typical_attenuation(goods)[self.mask]))
        left_over = typical_attenuation(changed_goods)
        rows = slice(int(np.quantile(self.rows, .2)), int(np.quantile(self.rows, .8)) + 1)
        first, last = self.columns.min(), self.columns.max()
        sides = left_over[rows, max(0, first - 25):max(1, first - 5)], left_over[rows, last + 5:last + 25]
        return sum(side.size == 0 or np.quantile(side, .7) < .4 * usual for side in sides)
