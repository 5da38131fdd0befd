"""Hides something in a load. Most things are chosen to be visible, the others to be hard to see."""
from typing import NamedTuple

import numpy as np

from ..bodies import Space
from ..fan import Fan
from ..physics import typical_attenuation
from ..projection import add_bodies, project
from .change import NoPlace
from .gaps import hide_cavity, take_unit
from .things import LoadedHold, hide_bricks, hide_dense_block, hide_shielded_box, hide_weapons, sample_goods
from .visibility import Effect

CAVITY, MISSING_UNIT = 'cavity', 'missing-unit'

KINDS = {'weapon': hide_weapons, 'dense-block': hide_dense_block, 'bricks': hide_bricks, CAVITY: hide_cavity,
         MISSING_UNIT: take_unit, 'shielded-box': hide_shielded_box}
"""Kinds of hidden things by name. The order matters: a seed picks a kind by its place."""

TRIES = 12
SMALLEST_MASK = 40
"""Pixels; a change that is seen in fewer is tried again."""

VISIBLE_SHARE = .70
LEAST_VISIBLE = 1.2
FAINT_RANGE = .06, .45
VISIBLE_TARGET, FAINT_TARGET = .4, -1.3
"""Share of things that should be visible; the visibility that they and the others should have; and the logarithm of it
that is aimed at if no try is good."""


class Hidden(NamedTuple):
    """How the areal densities of the goods change, and those of what is hidden (materials x rows x columns, g/cm2), and
    the mask (rows x columns, bool)."""
    goods_change: np.ndarray
    added: np.ndarray
    mask: np.ndarray


class Scene(NamedTuple):
    """A loaded vehicle: the areal densities of its goods (materials x rows x columns, g/cm2), the rough -ln T of all
    (rows x columns), and the photons that the scanner has for a pixel of the open beam."""
    fan: Fan
    goods: list
    hold: Space
    goods_areal: np.ndarray
    attenuation: np.ndarray
    photons: float


def hide(rng, kind, scene):
    """Hides a thing of this kind. The best of some tries if none is as visible as it should be; None if all fail."""
    is_faint = rng.random() >= VISIBLE_SHARE
    best = best_distance = None
    for _ in range(TRIES):
        change = propose(rng, kind, scene, is_faint)
        if change is None:
            continue
        hidden = project_change(scene.fan, kind, change)
        if hidden.mask.sum() < SMALLEST_MASK:
            continue
        visibility, is_good = judge(scene, kind, hidden, is_faint)
        if is_good:
            return hidden
        distance = distance_from_target(visibility, is_faint)
        if best is None or distance < best_distance:
            best, best_distance = hidden, distance_from_target(round(visibility, 2), is_faint)
    return best


def propose(rng, kind, scene, is_faint):
    """A change of the load, or None."""
    load = LoadedHold(scene.goods, sample_goods(rng, scene.goods), scene.hold)
    try:
        return KINDS[kind](rng, load, is_faint)
    except NoPlace:
        return None


def project_change(fan, kind, change):
    """The change as the fan sees it."""
    goods_change = project(fan)
    add_bodies(fan, goods_change, change.removed, -1)
    add_bodies(fan, goods_change, change.pieces)
    added = project(fan, change.hidden)
    if kind == MISSING_UNIT:
        mask = typical_attenuation(project(fan, change.removed, change.pieces)) > .05
    elif change.hidden:
        mask = typical_attenuation(added) > .02
    else:
        mask = mask_of_cavity(np.abs(typical_attenuation(goods_change)))
    return Hidden(goods_change, added, mask)


def mask_of_cavity(change):
    """Where a cavity is: at least a quarter of its usual change of -ln T."""
    threshold = .03
    if (change > threshold).any():
        threshold = max(threshold, .25 * float(np.quantile(change[change > threshold], .9)))
    return change > threshold


def judge(scene, kind, hidden, is_faint):
    """(visibility, whether the change is as visible as it should be and plausible)."""
    change = typical_attenuation(hidden.goods_change) + typical_attenuation(hidden.added)
    effect = Effect(scene.attenuation, change, hidden.mask)
    visibility = effect.visibility(scene.photons)
    is_good = FAINT_RANGE[0] < visibility < FAINT_RANGE[1] if is_faint else visibility > LEAST_VISIBLE
    if kind in (CAVITY, MISSING_UNIT):
        for _ in range(effect.count_bare_sides(scene.goods_areal, scene.goods_areal + hidden.goods_change)):
            is_good, visibility = False, visibility * .1
    return visibility, is_good and not effect.is_in_air()


def distance_from_target(visibility, is_faint):
    """How far the visibility is from what it should be, on a logarithmic scale."""
    return abs(np.log(visibility + .01) - (FAINT_TARGET if is_faint else VISIBLE_TARGET))
