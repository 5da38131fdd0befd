"""Rifles and pistols, in outline. Sizes are typical, as remembered; thicknesses stand for hollow parts."""
import numpy as np

from ..bodies import Bodies
from ..physics import CELLULOSE, COPPER, ORGANIC, STEEL, STEEL_DENSITY
from .place import draw_place


class Pose:
    """Where a weapon is and how it is turned: its reference point in m, the angle in the plane of the scan, how much
    shorter it looks because it points towards the source, and whether it points left (-1) or right (1)."""

    def __init__(self, x, y, z, angle, foreshortening, side):
        self.x, self.y, self.z = x, y, z
        self.cosine, self.sine = np.cos(angle), np.sin(angle)
        self.foreshortening, self.side = foreshortening, side

    def place(self, corners):
        """Corners (x, y) of a part, as seen in the scan."""
        corners = np.asarray(corners, float)
        x, y = corners[:, 0] * self.foreshortening * self.side, corners[:, 1]
        return np.stack([self.x + x * self.cosine - y * self.sine, self.y + x * self.sine + y * self.cosine], 1)

    def add_part(self, bodies, material, density, corners, thickness):
        """Adds a flat part; foreshortening makes the path through it longer."""
        reach = thickness / 2 / self.foreshortening
        bodies.polygon(material, density, self.place(corners), (self.z - reach, self.z + reach))


def rectangle(x0, y0, x1, y1):
    """Its corners."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def add_rifle(rng, bodies, pose):
    """An assault rifle; x is 0 at the rear of the receiver and runs to the muzzle."""
    barrel, receiver = rng.uniform(.35, .55), rng.uniform(.22, .3)
    furniture = ORGANIC if rng.random() < .5 else CELLULOSE
    muzzle = receiver + barrel

    def part(material, density, corners, thickness):
        pose.add_part(bodies, material, density, corners, thickness)

    part(STEEL, STEEL_DENSITY * .85, rectangle(receiver, .02, muzzle, .042), .021)  # barrel
    part(STEEL, STEEL_DENSITY * .8, rectangle(muzzle - .06, .015, muzzle, .048), .024)  # muzzle brake
    part(STEEL, STEEL_DENSITY * .6, rectangle(receiver, .046, receiver + barrel * .55, .06), .015)  # gas tube
    front_sight = [(muzzle - .09, .04), (muzzle - .075, .04), (muzzle - .08, .085)]
    part(STEEL, STEEL_DENSITY * .9, front_sight, .01)
    part(furniture, .8, rectangle(receiver, .005, receiver + .22, .065), .045)  # fore-end
    part(STEEL, STEEL_DENSITY * .38, rectangle(0, 0, receiver, .065), .04)  # receiver
    part(STEEL, STEEL_DENSITY * .9, rectangle(receiver * .4, .02, receiver * .85, .05), .022)  # bolt
    for corners in magazine_parts(receiver * .72):
        part(COPPER, 8.5 * .55, corners, .024)
    part(ORGANIC, 1.1, [(.03, 0), (.07, 0), (.045, -.1), (.005, -.1)], .03)  # grip
    part(STEEL, 7, rectangle(.075, -.035, .13, -.028), .012)  # trigger guard
    if rng.random() < .7:  # fixed stock
        part(furniture, .75, [(0, .055), (0, .015), (-.25, -.07), (-.25, .04)], .04)
        part(STEEL, 5, rectangle(-.252, -.07, -.245, .04), .03)
    else:  # folding stock
        part(STEEL, 4, rectangle(-.22, .03, 0, .045), .02)
        part(STEEL, 5, rectangle(-.23, -.06, -.215, .045), .02)


def magazine_parts(start):
    """Corners of the three parts of a curved magazine, full of cartridges."""
    parts = []
    for index in range(3):
        x = start + .012 * index * index
        top, bottom, shift = -.06 * index, -.06 * (index + 1), .01 * index
        parts.append([(x - .03, top), (x + .035, top), (x + .045 + shift, bottom), (x - .022 + shift, bottom)])
    return parts


def add_pistol(rng, bodies, pose):
    """A pistol: slide, frame, grip, magazine and trigger guard."""
    length = rng.uniform(.17, .22)

    def part(material, density, corners, thickness):
        pose.add_part(bodies, material, density, corners, thickness)

    part(STEEL, STEEL_DENSITY * .85, rectangle(0, .0, length, .028), .027)
    part(STEEL, STEEL_DENSITY * .6, rectangle(.01, -.02, length * .85, 0), .024)
    part(STEEL, STEEL_DENSITY * .5, [(.005, -.015), (.05, -.015), (.03, -.11), (-.015, -.11)], .03)
    part(COPPER, 6.5, [(.012, -.02), (.04, -.02), (.022, -.1), (-.004, -.1)], .018)
    part(STEEL, 6, rectangle(.055, -.045, .09, -.04), .01)


class Arrangement:
    """How some weapons lie: kind, space, common angle and side, and whether they lie in parallel."""

    def __init__(self, rng, goods, hold, is_small):
        self.count = 1 if is_small else int(rng.choice([1, 1, 2, 3, 4, 6]))
        self.are_rifles = rng.random() < .6
        self.space = draw_place(rng, goods, hold, (1.0, .35, .3) if self.are_rifles else (.5, .3, .25))
        self.angle = rng.normal(0, .3) if rng.random() < .7 else rng.uniform(-1.5, 1.5)
        self.are_parallel = rng.random() < .6
        self.side = rng.choice([-1, 1])
        self.hold = hold

    def bodies(self, rng):
        """The bodies of all weapons that are inside the hold."""
        bodies = Bodies()
        add_weapon = add_rifle if self.are_rifles else add_pistol
        for index in range(self.count):
            add_weapon(rng, bodies, self.draw_pose(rng, index))
        return [body for body in bodies if is_inside(body, self.hold)]

    def draw_pose(self, rng, index):
        """How one weapon lies."""
        space, inset = self.space, .3 if self.are_rifles else .1
        angle = self.angle + (rng.normal(0, .05) if self.are_parallel else rng.normal(0, .7))
        foreshortening = max(np.cos(rng.normal(0, .45)), .35)
        x = space.x0 + inset + rng.normal(0, .04) * (index > 0)
        if self.side < 0:
            x = space.x1 - inset + rng.normal(0, .04) * (index > 0)
        if self.are_parallel and rng.random() < .6:
            y = space.y0 + .15 + index * rng.uniform(.03, .1)
        else:
            y = space.y0 + .15 + rng.normal(0, .05)
        y = min(max(y, self.hold.y0 + .12), self.hold.y1 - .15)
        z = space.z0 + .05 + index * .05
        return Pose(x, y, z, angle, foreshortening, self.side if self.are_parallel else rng.choice([-1, 1]))


def is_inside(body, hold):
    """Whether the body is inside the hold in the plane of the scan."""
    return body.x0 > hold.x0 and body.x1 < hold.x1 and body.y0 > hold.y0 and body.y1 < hold.y1
