"""Makes one scan from a seed."""
from typing import NamedTuple

import numpy as np

from .detector import Scanner
from .fan import PIXEL
from .filters import close_gaps, enlarge
from .goods.catalogue import EMPTY, REGULAR
from .hidden.insert import KINDS, MISSING_UNIT, Scene, hide
from .load import draw_load
from .physics import typical_attenuation
from .projection import project
from .vehicle.build import draw_vehicle

STREAM = 90210
"""Keeps the draws apart from those of other programs that use the same seeds."""

TRIES = 20
LEAST_ATTENUATION = .2
"""A load that attenuates less everywhere, as -ln T, is drawn again."""

TEXTURE_CELLS = ((3, .6), (8, .6), (24, .5))
"""Size in pixels and strength of each scale of unevenness."""


class Scan(NamedTuple):
    """A scan, what is hidden in it, and what it shows.

    image: 2 x rows x columns, uint16, high and low energy, open beam 50,000. mask: rows x columns, 0 or 255; None if
    nothing is hidden. hold: [first row, end row, first column, end column] of the space for goods. contrast: mean change
    of -ln T where the mask is, before noise; None if nothing is hidden.
    """
    image: np.ndarray
    mask: np.ndarray
    kind: str
    cargo: list
    hold: list
    contrast: float | None


def make_scan(seed, is_anomalous):
    """The scan of this seed. A seed has different loads with and without something hidden."""
    rng = np.random.default_rng([seed, STREAM])
    kind = list(KINDS)[(seed - 1) % len(KINDS)] if is_anomalous else None
    scanner = Scanner(rng)
    for _ in range(TRIES):
        if scan := try_scan(rng, kind, scanner):
            return scan
    raise RuntimeError(f'No scan for seed {seed}: none of {TRIES} loads was dense enough and could hide "{kind}"')


def try_scan(rng, kind, scanner):
    """A scan of a random vehicle and load; None where the load is next to nothing or cannot hide the thing."""
    vehicle = draw_vehicle(rng)
    load = draw_load(rng, vehicle.hold, draw_required_goods(rng, kind), may_be_empty=kind is None)
    structure = np.maximum(project(vehicle.fan, vehicle.bodies), 0)
    goods = project(vehicle.fan, load.bodies)
    if load.kinds != [EMPTY] and typical_attenuation(goods).max() < LEAST_ATTENUATION:
        return None
    added, mask, contrast = 0, None, None
    if kind:
        attenuation = typical_attenuation(goods + structure)
        scene = Scene(vehicle.fan, load.bodies, vehicle.hold, goods, attenuation, scanner.photons)
        hidden = hide(rng, kind, scene)
        if hidden is None:
            return None
        goods, added = goods + hidden.goods_change, hidden.added
        mask = close_gaps(hidden.mask).astype(np.uint8) * 255
        contrast = mean_change(hidden, mask > 0)
    areal = np.maximum(goods, 0) * draw_texture(rng, vehicle.fan.shape(), load.texture) + added + structure
    image = scanner.expose(rng, np.maximum(areal, 0))
    return Scan(image, mask, kind or 'none', load.kinds, locate_hold(vehicle), contrast)


def mean_change(hidden, where):
    """Mean change of -ln T where this is true, at one typical energy."""
    change = np.abs(typical_attenuation(hidden.goods_change) + typical_attenuation(hidden.added))
    return float(change[where].mean())


def draw_required_goods(rng, kind):
    """The goods that a kind of anomaly needs: a unit can only be missing from regular goods."""
    return str(rng.choice(REGULAR)) if kind == MISSING_UNIT else None


def draw_texture(rng, shape, spread):
    """Factors for the areal density of goods (rows x columns, float32), uneven on three scales."""
    rows, columns = shape
    field = 0
    for cell, strength in TEXTURE_CELLS:
        coarse = rng.standard_normal((rows // cell + 2, columns // cell + 2))
        field = field + strength * enlarge(coarse, rows, columns)
    return np.clip(1 + np.float32(spread) * field, .5, 1.5).astype(np.float32)


def locate_hold(vehicle):
    """[first row, end row, first column, end column] of the hold in the scan."""
    fan, hold = vehicle.fan, vehicle.hold
    rows = max(0, round(fan.row_of(hold.y1))), min(fan.rows, round(fan.row_of(hold.y0)))
    return [int(place) for place in (*rows, round(hold.x0 / PIXEL), min(fan.columns, round(hold.x1 / PIXEL)))]
