"""Hides things in a scene, by changing its grams per cm2."""
import numpy as np

from ..view import draw_chord, draw_parts
from . import block, bricks, cavity, shielded, unit, weapon

KINDS = {1: ('shielded-box', shielded.hide), 2: ('weapon', weapon.hide), 3: ('dense-block', block.hide),
         4: ('bricks', bricks.hide), 5: ('missing-unit', unit.hide), 6: ('cavity', cavity.hide)}

LEAST_CHANGE = 0.2  # g/cm2, below which nothing is hidden at a pixel


def cover(view, shape):
    """Share of the shape's greatest chord at each pixel, rows x columns, about 0-1."""
    chord = np.zeros((view.rows, view.columns), np.float32)
    draw_chord(chord, view, shape, 1.0)
    most = chord.max()
    return chord / most if most > 0 else chord


def give_way(goods, view, shape, share, depth):
    """Takes away goods over the shape's chord, as if they were spread evenly over the hold's depth."""
    chord = np.zeros((view.rows, view.columns), np.float32)
    draw_chord(chord, view, shape, share / depth)
    rows, columns = np.flatnonzero(chord.any(1)), np.flatnonzero(chord.any(0))
    if rows.size and columns.size:
        inside = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        goods[(slice(None), *inside)] *= np.clip(1 - chord[inside], 0, 1)


def apply(goods, site, change):
    """The goods' grams with the change made, and where it is, rows x columns, bool."""
    after = goods.copy()
    draw_parts(after, site.view, change.remove, -site.scale)
    np.maximum(after, 0, out=after)
    depth = max(hold.depth for hold in site.holds) * 0.92
    for shape, share in change.displace:
        give_way(after, site.view, shape, share, depth)
    draw_parts(after, site.view, change.add)
    where = np.zeros(after.shape[1:], bool)
    for shape in change.outline:
        where |= cover(site.view, shape) > 0.3
    where &= np.abs(after - goods).sum(0) > LEAST_CHANGE
    return after, where
