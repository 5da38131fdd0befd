"""One scene of one seed: vehicle, goods and scanner; its scan, and the scan with things hidden in it."""
from typing import NamedTuple

import numpy as np

from . import goods, hidden, vehicle
from .draws import Draw
from .goods.liquids import tank_filling
from .hidden.place import Site
from .parts import Parts
from .physics import transmit
from .scanner import Scanner
from .view import PITCH, View, draw_parts

LEAST_SEEN = 0.03  # change of -ln T below which nothing can be seen
LEAST_PIXELS = 12
TRIES = 30


class Pair(NamedTuple):
    plain: np.ndarray  # 2 x rows x columns, transmission
    changed: np.ndarray
    mask: np.ndarray  # rows x columns, number of the kind
    kinds: list
    container: str
    cargo: list


def load(draw, rig):
    """The goods of all holds, and their names."""
    parts, names = Parts(), []
    for i, (hold, sort) in enumerate(rig.holds):
        own = draw.child('hold', i)
        if sort == vehicle.LIQUID:
            tank_filling(own, hold, parts)
            names.append('tank filling')
        else:
            names += goods.fill_hold(own, hold, parts, sort == vehicle.OPEN)
    return parts, names


def weight_factor(draw, grams, rig):
    """Factor on the goods that keeps their mass within what the holds may carry."""
    tonnes = float(grams.sum()) * (PITCH / 10) ** 2 / 1e6
    most = sum(draw.log_between(7, 36) * min(1, hold.width / 5800) for hold, _ in rig.holds)
    return min(1.0, most / max(tonnes, 1e-6))


def site_of(draw, view, rig):
    """Goods and vehicle of a scene, as grams per cm2 in the view, and the names of the goods."""
    parts, names = load(draw, rig)
    grams = view.blank()
    draw_parts(grams, view, parts.items)
    np.maximum(grams, 0, out=grams)
    scale = weight_factor(draw.child('weight'), grams, rig)
    grams *= scale
    return parts, names, grams, scale


class Scene:
    def __init__(self, seed):
        draw = self.draw = Draw(seed, 'scene')
        metal = Parts()
        self.rig = vehicle.make(draw.child('vehicle'), metal)
        self.view = View(draw.child('view'), *self.rig.limits)
        self.vehicle = self.view.blank()
        draw_parts(self.vehicle, self.view, metal.items)
        np.maximum(self.vehicle, 0, out=self.vehicle)
        parts, self.cargo, self.goods, scale = site_of(draw.child('goods'), self.view, self.rig)
        holds = [hold for hold, _ in self.rig.holds]
        roofed = [sort == vehicle.CLOSED for _, sort in self.rig.holds]
        self.site = Site(self.view, holds, roofed, parts, self.goods, self.vehicle, scale,
                         self.goods.sum(0), self.vehicle.sum(0))
        self.scanner = Scanner(draw.child('scanner'), self.view.rows, self.view.columns)

    def seen(self, goods_grams):
        """What the scanner's detector sees, without noise."""
        grams = (self.vehicle + goods_grams) * self.view.slant()
        return self.scanner.expose(transmit(grams, self.scanner.spectra))

    def read(self, seen, which):
        return self.scanner.read(seen, self.draw.child('noise', which))

    def hide_one(self, draw, grams):
        """The grams with one more thing hidden, where it is, and the number of its kind; None if nothing fits."""
        number = draw.integer(1, 6)
        change = hidden.KINDS[number][1](draw, self.site)
        if change is None:
            return None
        after, where = hidden.apply(grams, self.site, change)
        return (after, where, number) if self.can_be_seen(grams, after, where) else None

    def can_be_seen(self, before, after, where):
        """Whether -ln T changes enough, without noise, in enough pixels of what is hidden."""
        if where.sum() < LEAST_PIXELS:
            return False
        change = np.abs(self.depth_at(after, where) - self.depth_at(before, where))
        return int((change > LEAST_SEEN).sum()) >= LEAST_PIXELS

    def depth_at(self, grams, where):
        """-ln T at the high energy, with part of the scatter, at the marked pixels."""
        slant = np.broadcast_to(self.view.slant(), where.shape)[where]
        total = (self.vehicle[:, where] + grams[:, where]) * slant
        floor = float(self.scanner.scatter[0, 0, 0]) * 0.5
        return -np.log(transmit(total[:, None], self.scanner.spectra)[0, 0] + floor)

    def hide(self):
        """The goods' grams with one to three things hidden, a mask, the kinds' numbers; None if nothing fits."""
        draw = self.draw.child('hidden')
        wanted = min(draw.integer(1, 3), draw.integer(1, 3))
        grams, mask, kinds = self.goods, np.zeros(self.goods.shape[1:], np.uint8), []
        for attempt in range(TRIES):
            found = self.hide_one(draw.child(attempt), grams)
            if found is not None:
                grams, where, number = found
                mask[where] = number
                kinds.append(number)
            if len(kinds) == wanted:
                break
        return (grams, mask, kinds) if kinds else None


def make_pair(seed):
    """The pair of a seed; a scene without a place for anything is replaced by another one."""
    for again in range(20):
        scene = Scene(seed + again * 1_000_003)
        found = scene.hide()
        if found is not None:
            break
    else:
        raise RuntimeError(f'No place for anything near seed {seed}; use another seed')
    grams, mask, kinds = found
    plain = scene.read(scene.seen(scene.goods), 0)
    changed = scene.read(scene.seen(grams), 1)
    if scene.scanner.tilt:
        mask = shear(mask, scene.scanner.tilt)
    return Pair(plain, changed, mask, kinds, scene.rig.container, scene.cargo)


def shear(mask, angle):
    """The mask moved as the scanner's tilt moves the image."""
    rows, columns = mask.shape
    shift = (np.arange(columns) - columns / 2) * np.tan(angle)
    at = np.clip(np.rint(np.arange(rows)[:, None] + shift[None]), 0, rows - 1).astype(int)
    return mask[at, np.arange(columns)[None]]
