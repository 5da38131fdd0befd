"""A dry container of corrugated steel. Thicknesses are typical, as remembered; not checked."""
import numpy as np

from ..bodies import Space
from ..physics import CELLULOSE, STEEL, STEEL_DENSITY
from .outline import TWENTY_FOOT

POST_WIDTH = .165
CASTING_SIZE = .178, .118, .12
"""Corner fittings in m, along x, y and z, after ISO 1161; they are hollow."""
CASTING_DENSITY = 3.6

CORRUGATION_PITCH = .278
CORRUGATION = [(0, .072, 1, 0), (.072, .14, 1.45, .018), (.14, .21, 1, .036), (.21, .278, 1.45, .018)]
"""One corrugation: from and to along the wall in m, thickness relative to the sheet, and depth in m. Slopes are thicker
because the beam crosses them at an angle."""

BASE_HEIGHT = .16
"""Height of the base frame below the floor in m."""


class Container:
    """Parts of a container, added in the order of the methods."""

    def __init__(self, bodies, outline):
        self.bodies, self.outline = bodies, outline
        self.floor = outline.base + BASE_HEIGHT

    def add_steel(self, x, y, z):
        """Adds a steel box."""
        self.bodies.box(STEEL, STEEL_DENSITY, x, y, z)

    def add_side(self, depth, inward, sheet):
        """A side wall at a depth, with its rails and posts. `inward` is 1 at the near side and -1 at the far one;
        `sheet` is the thickness in m."""
        self.add_corrugated_wall(depth, inward, sheet)
        self.add_rails(depth, inward)
        outline = self.outline
        near = depth if inward > 0 else depth - .09
        for left in (outline.left, outline.right - POST_WIDTH):
            self.add_post(left, near)
            for low in (outline.base, outline.top - CASTING_SIZE[1]):
                add_casting(self.bodies, left, low, near)

    def add_corrugated_wall(self, depth, inward, sheet):
        """The wall between the posts."""
        end = self.outline.right - .16
        y = self.floor, self.outline.top - .06
        for start in np.arange(self.outline.left + .16, end, CORRUGATION_PITCH):
            last = min(start + CORRUGATION_PITCH, end)
            for low, high, relative_thickness, offset in CORRUGATION:
                z = depth + (offset if inward > 0 else -offset)
                self.add_steel((start + low, min(start + high, last)), y, (z, z + sheet * relative_thickness))

    def add_rails(self, depth, inward):
        """The top rail (two walls) and the bottom rail (a channel)."""
        x, base, top = self.outline.x, self.outline.base, self.outline.top
        self.add_steel(x, (top - .06, top), (depth - .002 * inward, depth - .002 * inward + .003))
        inner = depth + .057 * inward
        self.add_steel(x, (top - .06, top), (inner, inner + .003))
        self.add_steel(x, (base, self.floor), (depth, depth + .0045))
        near = depth if inward > 0 else depth - .05
        self.add_steel(x, (base + .155, self.floor), (near, near + .05))
        self.add_steel(x, (base, base + .005), (near, near + .05))

    def add_post(self, left, near):
        """A corner post: four walls."""
        y, z = (self.outline.base, self.outline.top), (near, near + .09)
        self.add_steel((left, left + POST_WIDTH), y, (near, near + .006))
        self.add_steel((left + .01, left + .15), y, (near + .084, near + .09))
        self.add_steel((left, left + .006), y, z)
        self.add_steel((left + .159, left + POST_WIDTH), y, z)

    def add_roof(self):
        """The roof, and its corrugations as strips."""
        outline = self.outline
        self.add_steel(outline.x, (outline.top - .012, outline.top - .010), outline.z)
        for left in np.arange(outline.left + .2, outline.right - .2, .21):
            self.add_steel((left, left + .09), (outline.top - .022, outline.top - .020),
                           (outline.near + .08, outline.far - .08))

    def add_ends(self, thickness):
        """The front wall and the doors, seen edge-on, as plates in the middle plane; `thickness` is m of steel."""
        outline, middle = self.outline, self.outline.middle
        front, doors = ((outline.right - .06, outline.left) if outline.faces_right
                        else (outline.left + .015, outline.right - .06))
        self.add_steel((front, front + .045), (self.floor, outline.top - .06), (middle, middle + thickness * 1.3))
        self.add_steel((doors, doors + .055), (outline.base + .03, outline.top - .1),
                       (middle, middle + thickness * 1.5))
        self.add_door_bars(doors - .035 if outline.faces_right else doors + .06)

    def add_door_bars(self, left):
        """Four locking bars with handles and guides."""
        outline = self.outline
        for depth in (outline.near + .35, outline.near + .85, outline.far - .85, outline.far - .35):
            self.bodies.upright_cylinder(STEEL, STEEL_DENSITY, (left + .017, depth), .017,
                                         (outline.base + .05, outline.top - .05), .8)
            for height in (.5, 1.3, 2.1):
                low = outline.base + height
                self.add_steel((left, left + .05), (low, low + .09), (depth - .03, depth - .015))

    def add_cross_members(self, rng):
        """Cross members below the floor: web and flanges."""
        outline, base = self.outline, self.outline.base
        z = outline.near + .05, outline.far - .05
        for left in np.arange(outline.left + .25, outline.right - .2, rng.uniform(.27, .32)):
            self.add_steel((left, left + .011), (base + .012, base + .132),
                           (outline.middle, outline.middle + rng.uniform(.012, .028)))
            self.add_steel((left, left + .045), (base + .01, base + .014), z)
            self.add_steel((left, left + .045), (base + .128, base + .132), z)

    def add_fork_pockets(self):
        """The bottoms of two forklift pockets."""
        outline = self.outline
        for left in (outline.left + 1.98, outline.right - 2.34):
            self.add_steel((left, left + .36), (outline.base, outline.base + .006), outline.z)

    def add_floor(self):
        """Plywood."""
        outline = self.outline
        self.bodies.box(CELLULOSE, .72, (outline.left + .06, outline.right - .06), (outline.base + .132, self.floor),
                        (outline.near + .05, outline.far - .05))

    def hold(self):
        """The space for goods."""
        outline = self.outline
        return Space(outline.left + .1, outline.right - .1, self.floor, outline.top - .05, outline.near + .05,
                     outline.far - .05)


def add_casting(bodies, left, low, near):
    """A corner casting."""
    along, up, behind = CASTING_SIZE
    bodies.box(STEEL, CASTING_DENSITY, (left, left + along), (low, low + up), (near, near + behind))


def add_container(rng, bodies, outline):
    """Adds a dry container; returns its hold."""
    container = Container(bodies, outline)
    near_sheet, far_sheet = rng.uniform(.0016, .002), rng.uniform(.0016, .002)
    container.add_side(outline.near, 1, near_sheet)
    container.add_side(outline.far, -1, far_sheet)
    container.add_roof()
    container.add_ends(rng.uniform(.02, .045))
    container.add_cross_members(rng)
    if outline.kind == TWENTY_FOOT:
        container.add_fork_pockets()
    container.add_floor()
    return container.hold()
