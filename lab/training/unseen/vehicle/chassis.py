"""The chassis of a trailer or a truck: beams, axles, and what hangs below."""
import numpy as np

from ..physics import ALUMINIUM, ALUMINIUM_DENSITY, ORGANIC, STEEL, STEEL_DENSITY
from .ruler import Ruler
from .wheels import TYRE_WIDTH, WIDE_TYRE_WIDTH, add_beam, add_wheels, dual_tyres


class Chassis:
    """A chassis below `top` (m) between left and right; distances along it are measured from its rear."""

    def __init__(self, rng, bodies, x, top, middle, forward):
        self.bodies, self.top, self.middle = bodies, top, middle
        left, right = x
        self.length = right - left
        self.from_rear = Ruler(left if forward > 0 else right, forward)
        self.beam_height = rng.uniform(.22, .4)

    def add(self, rng, axles=None):
        """Adds the chassis; two or three axles if their number is not given."""
        self.add_beams()
        self.add_cross_members(rng)
        self.add_end_frames()
        last_axle = self.add_axles(rng, axles)
        legs = self.length - rng.uniform(2.2, 3.2)
        if legs > last_axle:
            self.add_landing_legs(rng, legs)
        if rng.random() < .7:
            self.add_tank(rng)
        if rng.random() < .6:
            self.add_toolbox(rng)
        self.add_hoses(rng)
        self.add_lamps()

    def add_steel(self, x, y, z):
        """Adds a steel box."""
        self.bodies.box(STEEL, STEEL_DENSITY, x, y, z)

    def add_beams(self):
        """Two long beams, higher in the middle part."""
        length, top, height = self.length, self.top, self.beam_height
        for side in (-1, 1):
            middle = self.middle + side * .47
            add_beam(self.bodies, self.from_rear.span(0, length), (top - height * .55, top - .02), middle)
            add_beam(self.bodies, self.from_rear.span(length * .2, length * .72), (top - height, top - height * .5),
                     middle)

    def add_cross_members(self, rng):
        """Cross members at even distances."""
        near = self.middle - .5
        for place in np.arange(.4, self.length - .2, rng.uniform(.9, 1.5)):
            self.add_steel(self.from_rear.span(place, place + .07), (self.top - .16, self.top - .04),
                           (near, near + rng.uniform(.02, .05)))

    def add_end_frames(self):
        """The cross beams with twist locks near both ends."""
        y = self.top - .2, self.top - .01
        for place in (.08, self.length - .2):
            left, right = self.from_rear.span(place, place + .14)
            self.add_steel((left, right), y, (self.middle - 1.15, self.middle - 1.14))
            self.add_steel((left, right), y, (self.middle + 1.14, self.middle + 1.15))
            self.add_steel((left + .06, left + .07), y, (self.middle - .15, self.middle + .15))

    def add_axles(self, rng, axles):
        """Axles near the rear; returns how far from the rear they reach, in m."""
        radius = rng.uniform(.46, .52)
        axles = axles or rng.integers(2, 4)
        overhang = rng.uniform(.8, 1.6)
        has_wide_tyres = rng.random() < .4
        middle = self.middle
        for axle in range(axles):
            x = self.from_rear.at(overhang + radius + axle * rng.uniform(1.25, 1.36))
            if has_wide_tyres:
                add_wheels(self.bodies, (x, radius), radius, [middle - .95, middle + .95], WIDE_TYRE_WIDTH)
            else:
                add_wheels(self.bodies, (x, radius), radius, dual_tyres(middle), TYRE_WIDTH)
            for side in (-1, 1):
                if rng.random() < .7:
                    self.add_leaf_spring(x, radius, middle + side * .47)
                else:
                    self.add_air_spring(x, radius, middle + side * .47)
        return overhang + axles * 1.4

    def add_leaf_spring(self, x, axle_height, middle):
        """Four leaves, each from the ends down to the axle."""
        z = middle - .04, middle + .04
        for leaf in range(4):
            ends, centre = axle_height + .22 + leaf * .01, (x, axle_height + .1 - leaf * .012)
            self.bodies.bar(STEEL, STEEL_DENSITY, (x - .45 + leaf * .08, ends), centre, .014, z)
            self.bodies.bar(STEEL, STEEL_DENSITY, centre, (x + .45 - leaf * .08, ends), .014, z)

    def add_air_spring(self, x, axle_height, middle):
        """A rubber bellows on a trailing arm."""
        self.bodies.ellipsoid(ORGANIC, .5, (x + .2, axle_height + .2, middle), (.14, .16, .14))
        self.bodies.bar(STEEL, STEEL_DENSITY, (x - .5, axle_height + .25), (x + .1, axle_height), .05,
                        (middle - .05, middle))

    def add_landing_legs(self, rng, place):
        """Two legs of square tube with feet and spindles, and a brace."""
        left, right = self.from_rear.span(place, place + .12)
        spindle, top = (left + right) / 2, self.top - .1
        for side in (-1, 1):
            middle = self.middle + side * .6
            for wall in (middle - .06, middle + .055):
                self.add_steel((left, right), (rng.uniform(.3, .4), top), (wall, wall + .005))
            self.add_steel((left - .06, right + .06), (.26, .3), (middle - .15, middle + .15))
            self.add_steel((spindle - .015, spindle + .015), (.4, top), (middle - .015, middle + .015))
        end = self.from_rear.at(place - .8), self.top - self.beam_height * .6
        self.bodies.bar(STEEL, STEEL_DENSITY, (spindle, .6), end, .05, (self.middle - .6, self.middle - .592))

    def add_tank(self, rng):
        """A steel tank, perhaps with fuel."""
        place = rng.uniform(self.length * .45, self.length * .6)
        left, right = self.from_rear.span(place, place + rng.uniform(.6, 1.2))
        y = self.top - self.beam_height - .12
        z = self.middle + rng.choice([-.7, .7])
        self.bodies.lying_cylinder(STEEL, STEEL_DENSITY, (left, right), (y, z), .2, .97)
        if rng.random() < .5:
            self.bodies.lying_cylinder(ORGANIC, .83, (left + .01, right - .01), (y, self.middle + .7), .19)

    def add_toolbox(self, rng):
        """A box of sheet steel with six things in it."""
        place = rng.uniform(self.length * .5, self.length * .65)
        left, right = self.from_rear.span(place, place + .7)
        top = self.top - self.beam_height
        for wall in (self.middle - 1.1, self.middle - .6):
            self.add_steel((left, right), (top - .4, top), (wall, wall + .002))
        near = self.middle - 1
        for _ in range(6):
            x = rng.uniform(left + .05, right - .15)
            self.bodies.box(STEEL, rng.uniform(1, 5), (x, x + rng.uniform(.03, .12)), (top - .39, top - .3),
                            (near, near + rng.uniform(.03, .1)))

    def add_hoses(self, rng):
        """Three hoses or cables."""
        for _ in range(3):
            y = self.top - rng.uniform(.1, self.beam_height)
            x = self.from_rear.span(rng.uniform(0, self.length * .4), rng.uniform(self.length * .5, self.length))
            self.bodies.lying_cylinder(ORGANIC, 1.1, x, (y, self.middle + rng.uniform(-.4, .4)), .012, .5)

    def add_lamps(self):
        """The rear bumper and the bar with the lamps."""
        x = self.from_rear.span(-.02, .06)
        self.add_steel(x, (.45, .55), (self.middle - 1.1, self.middle - .9))
        self.bodies.box(ALUMINIUM, ALUMINIUM_DENSITY, x, (.5, .62), (self.middle - 1.1, self.middle + 1.1 - 2.1))
