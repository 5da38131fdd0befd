"""A combustion engine with what is mounted on it."""
from ..draws import choose_material
from ..physics import ALUMINIUM, COPPER, STEEL, STEEL_DENSITY


class EngineBlock:
    """Corner and size in m, material, and factors for densities in g/cm3."""

    def __init__(self, rng, corner, scale, heaviness):
        self.x, self.y, self.z = corner
        self.scale, self.heaviness = scale, heaviness
        self.width, self.height, self.depth = (scale * rng.uniform(.5, .8), scale * rng.uniform(.35, .5),
                                               scale * rng.uniform(.3, .45))
        self.is_aluminium = rng.random() < .4
        self.material = ALUMINIUM if self.is_aluminium else STEEL
        self.density = (1.4 if self.is_aluminium else 2.0) * heaviness

    def y_at(self, share):
        """Height at a share of the engine's."""
        return self.y + self.height * share

    def z_at(self, share):
        """Depth at a share of the engine's."""
        return self.z + self.depth * share


def add_engine(rng, bodies, corner, scale, heaviness):
    """Adds an engine with its corner at (x, y, z) m; scale 1 is about 0.65 m long."""
    engine = EngineBlock(rng, corner, scale, heaviness)
    add_block(rng, bodies, engine)
    add_attachments(rng, bodies, engine)


def add_block(rng, bodies, engine):
    """Block with cylinders, cylinder head, oil sump, crankshaft and flywheel."""
    x, y, z, width, depth = engine.x, engine.y, engine.z, engine.width, engine.depth
    top, middle, heaviness = y + engine.height, z + depth / 2, engine.heaviness
    bodies.box(engine.material, engine.density, (x, x + width), (engine.y_at(.25), top), (z, z + depth))
    count = int(rng.integers(3, 7))
    centres = [x + width * (index + .5) / count for index in range(count)]
    for centre in centres:
        bore = min(width / count * .4, depth * .3)
        bodies.upright_cylinder(engine.material, -engine.density * .8, (centre, middle), bore, (engine.y_at(.5), top))
        bodies.upright_cylinder(STEEL, 6 * heaviness * .5, (centre, middle), width / count * .36,
                                (engine.y_at(.55), engine.y_at(.68)))
    bodies.box(engine.material, engine.density * .7, (x + .02, x + width - .02), (top, engine.y_at(1.3)),
               (engine.z_at(.15), engine.z_at(.85)))
    bodies.box(engine.material, engine.density * .4, (x + width * .08, x + width * .9), (y, engine.y_at(.25)),
               (engine.z_at(.1), engine.z_at(.9)))
    bodies.lying_cylinder(STEEL, STEEL_DENSITY * heaviness * .6, (x - .04, x + width + .05), (engine.y_at(.3), middle),
                          .03 * engine.scale + .01)
    for centre in centres:
        bodies.box(STEEL, 5 * heaviness, (centre - .012, centre + .012), (engine.y_at(.15), engine.y_at(.45)),
                   (engine.z_at(.3), engine.z_at(.6)))
    bodies.box(STEEL, 5 * heaviness, (x + width, x + width + .045), (engine.y_at(.1), engine.y_at(.8)),
               (engine.z_at(.1), engine.z_at(.9)))


def add_attachments(rng, bodies, engine):
    """Pulleys and pumps, an alternator, pipes and brackets."""
    x, y, z, width, height = engine.x, engine.y, engine.z, engine.width, engine.height
    for _ in range(int(rng.integers(3, 7))):
        material = choose_material(rng, [STEEL, ALUMINIUM])
        centre = x + rng.uniform(0, width), y + rng.uniform(0, height)
        bodies.disc(material, 4 * engine.heaviness, centre, rng.uniform(.03, .12) * engine.scale,
                    (z - .05, z + rng.uniform(0, .05)), rng.choice([0, .6]))
    behind = z + engine.depth
    bodies.disc(COPPER, 3.5 * engine.heaviness, (x + width * rng.uniform(.1, .9), engine.y_at(.8)),
                .06 * engine.scale, (behind, behind + .1), .3)
    for _ in range(int(rng.integers(2, 5))):
        start = x + rng.uniform(0, width), y + height * rng.uniform(.8, 1.3)
        end = start[0] + rng.uniform(-.3, .3), start[1] + rng.uniform(-.3, .2)
        bodies.bar(STEEL, 2.5, start, end, rng.uniform(.02, .06), (z - .04, z))
