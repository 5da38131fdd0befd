"""Projects invented anomalies into normal scans, for self-supervision.

None of the simulator's anomaly generators is used: shapes are random outlines, filled evenly, unevenly or only at
their rim, of random materials; or goods are thinned; or a piece of the scan is copied elsewhere. Only the primary
beam is attenuated: the scatter that a thick load lets through stays, as it does in a detector, so that the network
never sees contrasts that a scanner could not deliver. What is less than the load's own structure is not inserted.
"""
import numpy as np

# Attenuation per g/cm2 at high and low energy, in air and behind a thick load (-ln T = 4); NIST XCOM over the
# simulator's spectra, see src/simulate/physics-data. Then solid density, g/cm3.
MATERIALS = {
    'organic': ((0.0446, 0.0532), (0.0294, 0.0354), (0.3, 1.3)),
    'mineral': ((0.0450, 0.0530), (0.0320, 0.0370), (0.9, 2.6)),
    'steel': ((0.0457, 0.0524), (0.0347, 0.0381), (2.0, 8.0)),
    'lead': ((0.0600, 0.0680), (0.0445, 0.0449), (8.0, 11.3)),
}
VISIBLE = 0.08
UNSURE = 0.02
MARGIN = 6
HOLD_DEPTH_MM = 2340
WALLS = 0.15  # -ln T of an empty container
OVER_STRUCTURE = 0.8  # mean change over the standard deviation of -ln T around it
HIDDEN_OVER_STRUCTURE = 0.4  # of what the simulator hid: thin things lie across edges, and are seen by their outline
PLACES = 5
ROWS = (8, 130)  # 90 mm to 1.4 m
WIDEST = 200
THINGS_WIDE = 120  # columns of clutter at least


def soft(image, radius):
    """A triangle blur of this radius in pixels, by two running means."""
    if radius < 1:
        return image
    for axis in (0, 1, 0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(image, pad, mode='edge'), axis=axis)
        width = 2 * radius + 1
        upper = np.take(total, np.arange(width, total.shape[axis]), axis=axis)
        lower = np.take(total, np.arange(0, total.shape[axis] - width), axis=axis)
        image = (upper - lower) / width
    return image


def noise_field(rng, height, width, cells):
    coarse = rng.standard_normal((cells + 1, cells + 1))
    y, x = np.linspace(0, cells - 1e-3, height), np.linspace(0, cells - 1e-3, width)
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[:, None], (x - ix)[None]
    corner = lambda dy, dx: coarse[np.ix_(iy + dy, ix + dx)]
    return (corner(0, 0) * (1 - fy) * (1 - fx) + corner(0, 1) * (1 - fy) * fx
            + corner(1, 0) * fy * (1 - fx) + corner(1, 1) * fy * fx)


def outline(rng, height, width, kinds=(0.3, 0.15, 0.2, 0.12, 0.11, 0.12)):
    """A random filled outline in a height x width window, 0..1."""
    v, u = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing='ij')
    angle = rng.normal() * (0.12 if rng.random() < 0.7 else 0.8)
    x, y = u * np.cos(angle) + v * np.sin(angle), -u * np.sin(angle) + v * np.cos(angle)
    kind = rng.choice(['rectangle', 'ellipse', 'polygon', 'blob', 'angle', 'pieces'], p=kinds)
    if kind == 'rectangle':
        return ((abs(x) < 0.9) & (abs(y) < 0.9)).astype(float)
    if kind == 'ellipse':
        return (x * x + y * y < 0.9).astype(float)
    if kind == 'polygon':
        shape = np.ones_like(x, bool)
        for direction in rng.uniform(0, 2 * np.pi, rng.integers(3, 7)):
            shape &= x * np.cos(direction) + y * np.sin(direction) < rng.uniform(0.3, 0.95)
        return shape.astype(float)
    if kind == 'blob':
        field = noise_field(rng, height, width, int(rng.integers(2, 5))) - 1.2 * (u * u + v * v)
        return (field > np.quantile(field, 0.55)).astype(float)
    if kind == 'angle':
        thick = rng.uniform(0.25, 0.6)
        return ((abs(x) < 0.9) & (abs(y) < 0.9) & ((y > 0.9 - thick) | (x < -0.9 + thick))).astype(float)
    nx, ny = rng.integers(1, 7), rng.integers(2, 10)
    gap = rng.uniform(0.05, 0.25)
    return ((abs(x) < 0.9) & (abs(y) < 0.9) & ((x * nx) % 1 > gap) & ((y * ny) % 1 > gap)).astype(float)


def thickness(rng, shape):
    """Relative depth: even, rounded, uneven, or a rim."""
    height, width = shape.shape
    kind = rng.choice(['even', 'rounded', 'uneven', 'rim'], p=[0.4, 0.2, 0.2, 0.2])
    if kind == 'rounded':
        return shape * np.clip(soft(shape, max(1, min(height, width) // 4)), 0, 1)
    if kind == 'uneven':
        return shape * np.clip(1 + 0.4 * noise_field(rng, height, width, 3), 0.1, 2)
    if kind == 'rim':
        inner = soft(shape, max(1, min(height, width) // 10)) > 0.97
        return np.where(inner, rng.uniform(0, 0.4), 1) * shape
    return shape


def window(rng, rows, columns, first_row):
    """A size of 90 mm to 1.4 m by 2.2 m and a place, mostly where goods are."""
    height = int(np.clip(ROWS[0] * (ROWS[1] / ROWS[0]) ** (rng.random() ** 1.4), 4, rows - 2))
    width = int(np.clip(height * np.exp(rng.normal() * 0.7), 4, min(WIDEST, columns - 2)))
    low, high = (45 - first_row, 300 - first_row) if rng.random() < 0.95 else (0, rows)
    low, high = max(0, low), min(rows - height, max(low + 1, high - height))
    top = int(rng.integers(low, max(low + 1, high)))
    return top, int(rng.integers(0, columns - width)), height, width


def placed(rng, transmission, first_row):
    """Tries a few places, prefers those with something in the beam."""
    _, rows, columns = transmission.shape
    for _ in range(6):
        top, left, height, width = window(rng, rows, columns, first_row)
        if transmission[0, top:top + height, left:left + width].mean() < 0.78 or rng.random() < 0.12:
            break
    return top, left, height, width


def snapped(rng, attenuation, top, left, height, width):
    """The window with its edges moved to the strongest edges of goods nearby, as where a whole piece is missing."""
    _, rows, columns = attenuation.shape
    part = attenuation[0, top:top + height, left:left + width]
    if part.size == 0:
        return top, left, height, width

    def nearest(profile, at, reach):
        low, high = max(0, at - reach), min(len(profile), at + reach + 1)
        return low + int(np.argmax(profile[low:high])) if high > low else at

    across = np.abs(np.diff(attenuation[0, top:top + height].mean(0)))
    along = np.abs(np.diff(attenuation[0, :, left:left + width].mean(1)))
    reach_x, reach_y = max(3, width // 4), max(3, height // 4)
    x0, x1 = nearest(across, left, reach_x) + 1, nearest(across, left + width, reach_x) + 1
    y0, y1 = nearest(along, top, reach_y) + 1, nearest(along, top + height, reach_y) + 1
    if x1 - x0 < 4 or y1 - y0 < 4:
        return top, left, height, width
    return y0, x0, min(y1, rows - 1) - y0, min(x1, columns - 1) - x0


def per_gram(name, below):
    """-ln T a g/cm2 at both energies, between air and a thick load."""
    air, thick = (np.array(values)[:, None, None] for values in MATERIALS[name][:2])
    share = np.clip(below[:1] / 4, 0, 1)
    return air + (thick - air) * share


def goods(below):
    return np.maximum(below - WALLS, 0)


def added(rng, below, depth):
    """Something in an empty place among the goods, or beside them."""
    name = rng.choice(list(MATERIALS), p=[0.4, 0.1, 0.28, 0.22])
    grams = np.exp(rng.uniform(np.log(8), np.log(160 if name in ('steel', 'lead') else 110)))
    return per_gram(name, below) * grams * depth[None]


def displaced(rng, below, shape):
    """Something that takes the place of goods over its own depth."""
    name = rng.choice(list(MATERIALS), p=[0.5, 0.14, 0.22, 0.14])
    density = rng.uniform(*MATERIALS[name][2])
    deepest = {'organic': 1500, 'mineral': 900, 'steel': 260, 'lead': 200}[name]
    depth_mm = np.exp(rng.uniform(np.log(50), np.log(deepest)))
    depth = thickness(rng, shape)
    return per_gram(name, below) * density * depth_mm / 10 * depth[None] - goods(below) * depth_mm / HOLD_DEPTH_MM * shape


def lined(rng, below, shape):
    """A case with walls of metal: two walls where the beam goes through the middle, the whole depth at its sides."""
    name = rng.choice(['lead', 'steel'], p=[0.7, 0.3])
    density, wall_mm, depth_mm = MATERIALS[name][2][1], rng.uniform(4, 22), rng.uniform(150, 600)
    inner = soft(shape, 1) > 0.97
    sides = shape * ~inner * min(1, wall_mm / 11) * depth_mm
    grams = density / 10 * (2 * wall_mm * shape + sides)
    filled = per_gram('organic', below) * rng.uniform(0, 1.1) * depth_mm / 10 * inner
    return per_gram(name, below) * grams + filled - goods(below) * depth_mm / HOLD_DEPTH_MM * shape


def change(rng, attenuation, inner, kind):
    """Change of -ln T of the primary beam, both energies, within the slice `inner` of a window."""
    below = attenuation[inner]
    height, width = below.shape[1:]
    plain = kind in ('thin', 'piece', 'lined')
    shape = np.ones((height, width)) if kind == 'piece' else outline(
        rng, height, width, (0.75, 0.1, 0.1, 0.05, 0, 0) if plain else (0.3, 0.15, 0.2, 0.12, 0.11, 0.12))
    delta = np.zeros_like(attenuation)
    if kind in ('thin', 'piece'):
        delta[inner] = -rng.uniform(0.25, 1) * goods(below) * shape
    elif kind == 'shift':
        delta[inner] = (np.roll(below, (height // 2, width // 3), (1, 2)) - below) * shape
    elif kind == 'lined':
        delta[inner] = lined(rng, below, shape)
    elif kind == 'displace':
        delta[inner] = displaced(rng, below, shape)
    else:
        delta[inner] = added(rng, below, thickness(rng, shape))
    radius = 1 if rng.random() < 0.4 else 0
    return np.stack([soft(channel, radius) for channel in delta])


def haze_of(transmission):
    """A crude picture of the scatter: the mean over about half a metre."""
    _, rows, columns = transmission.shape
    cell = 32
    coarse = transmission.reshape(2, rows // cell, cell, columns // cell, cell).mean((2, 4))
    y = np.clip((np.arange(rows) + 0.5) / cell - 0.5, 0, coarse.shape[1] - 1.001)
    x = np.clip((np.arange(columns) + 0.5) / cell - 0.5, 0, coarse.shape[2] - 1.001)
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy).astype(np.float32)[:, None], (x - ix).astype(np.float32)
    tall = coarse[:, iy] * (1 - fy) + coarse[:, iy + 1] * fy
    return tall[:, :, ix] * (1 - fx) + tall[:, :, ix + 1] * fx


def project(rng, transmission, first_row):
    """(changed transmission, target 0/1, weight 0/1) for one crop; target only where the change can be seen.

    The crop comes back as it was where no place was found at which the change exceeds the load's own structure.
    """
    changed = transmission.copy()
    target, weight = np.zeros_like(transmission[0]), np.ones_like(transmission[0])
    scatter = np.exp(rng.uniform(np.log(3e-4), np.log(2e-2))) * np.array([1, rng.uniform(1.1, 2)])[:, None, None]
    floor = np.minimum(scatter * haze_of(transmission), 0.85 * transmission)
    for _ in range(1 + (rng.random() < 0.15)):
        kind = rng.choice(['add', 'displace', 'lined', 'thin', 'piece', 'shift'], p=[0.26, 0.30, 0.08, 0.16, 0.14, 0.06])
        for _ in range(PLACES):
            if insert(rng, changed, floor, target, weight, first_row, kind):
                break
    return changed, target, weight


def clutter(rng, transmission, first_row):
    """Transmission of 10 to 50 invented things that stand about in a part of the crop, as in household goods or machines."""
    columns = transmission.shape[2]
    width = int(rng.integers(THINGS_WIDE, columns + 1))
    left = int(rng.integers(0, columns - width + 1))
    part = transmission[:, :, left:left + width].clip(1e-4)
    among = part.copy()
    floor = 0.01 * among
    marks = np.zeros_like(part[0]), np.ones_like(part[0])
    for _ in range(int(rng.integers(10, 51))):
        insert(rng, among, floor, *marks, first_row, rng.choice(['add', 'displace', 'lined', 'thin'], p=[0.5, 0.4, 0.05, 0.05]))
    things = np.ones_like(transmission)
    things[:, :, left:left + width] = among / part
    return things


def insert(rng, changed, floor, target, weight, first_row, kind):
    """One change at one place, in all four arrays; False where the load hides it."""
    top, left, height, width = placed(rng, changed, first_row)
    if kind == 'piece':
        top, left, height, width = snapped(rng, -np.log(np.clip(changed, 3e-4, 1.2)), top, left, height, width)
    rows, columns = slice(max(0, top - MARGIN), top + height + MARGIN), slice(max(0, left - MARGIN), left + width + MARGIN)
    inner = np.s_[:, top - rows.start:top - rows.start + height, left - columns.start:left - columns.start + width]
    before, under = changed[:, rows, columns], floor[:, rows, columns]
    after, visible = expose(rng, before, np.minimum(under, 0.85 * before), inner, kind)
    marked = visible > VISIBLE
    if marked.sum() < 12 or visible[marked].mean() < OVER_STRUCTURE * structure(before, inner, marked):
        return False
    changed[:, rows, columns] = after
    target[rows, columns] = np.maximum(target[rows, columns], marked)
    sure = marked | (visible < UNSURE) | (target[rows, columns] > 0)
    weight[rows, columns] = np.minimum(weight[rows, columns], sure)
    return True


def hidden(plain, changed, kinds):
    """(target 0/1, weight 0/1) of a crop in which the simulator hid something.

    Nothing is asked where a thing cannot be seen, and of none that changes far less than the load's own structure.
    """
    attenuation = [-np.log(np.clip(image, 3e-4, 1.2)) for image in (plain, changed)]
    seen = np.abs(attenuation[1] - attenuation[0])
    visible = np.maximum(soft(seen[0], 1), soft(seen[1], 1))
    target, weight = np.zeros_like(plain[0]), np.ones_like(plain[0])
    for kind in np.unique(kinds[kinds > 0]):
        own = kinds == kind
        marked = own & (visible > VISIBLE)
        weight[own & ~marked] = 0
        if marked.sum() < 12 or visible[marked].mean() < HIDDEN_OVER_STRUCTURE * attenuation[0][0][marked].std():
            weight[own] = 0
        else:
            target[marked] = 1
    return target, weight


def structure(before, inner, marked):
    """How much -ln T differs by itself where the change is."""
    return float(-np.log(np.clip(before[0], 3e-4, 1.2))[marked].std())


def expose(rng, transmission, floor, inner, kind):
    """What the detector then reads, and how much that differs, as a change of ln T."""
    primary = np.maximum(transmission - floor, 2e-5)
    delta = change(rng, -np.log(np.clip(transmission, 3e-4, 1.2)), inner, kind)
    after = primary * np.exp(-np.clip(delta, -6, 14))
    quanta = np.exp(rng.uniform(np.log(1e5), np.log(1.5e6))) * np.array([1, 0.55])[:, None, None]
    lost = np.clip(1 - np.exp(-np.maximum(delta, 0)), 0, 1)
    after = after + rng.standard_normal(after.shape, np.float32) * np.sqrt(np.maximum(after, 1e-5) / quanta * lost)
    changed = np.maximum(after + floor, 1e-4)
    seen = np.abs(np.log(changed / np.maximum(transmission, 1e-4))) * (np.abs(delta) > 1e-6)
    return changed, np.maximum(soft(seen[0], 1), soft(seen[1], 1))


class Scanner:
    """What differs between scanners and days, drawn once and put on both images of a pair alike."""

    def __init__(self, rng, rows, columns):
        self.rng, self.rows, self.columns = rng, rows, columns
        self.scatter = rng.uniform(0, 0.006) if rng.random() < 0.5 else 0
        self.level = 1 + rng.normal() * 0.016
        gain = lambda: np.exp(rng.uniform(np.log(4e-4), np.log(0.03)))
        self.rows_gain = 1 + gain() * rng.standard_normal((2, rows, 1), np.float32)
        self.pulse_gain = 1 + gain() * rng.standard_normal((2, 1, columns), np.float32)
        self.spectrum = rng.random() < 0.5
        slope = rng.uniform(0.85, 1.18)
        self.slope = np.array([slope, slope * rng.uniform(0.95, 1.05)], np.float32)[:, None, None]
        self.bend = np.float32(rng.uniform(-0.02, 0.02))
        self.quanta = np.exp(rng.uniform(np.log(4e3), np.log(1e6))) if rng.random() < 0.5 else None
        self.fails = rng.random() < 0.25
        self.seed = int(rng.integers(2 ** 32))

    def read(self, transmission):
        rng = np.random.default_rng(self.seed)
        out = transmission
        if self.spectrum:
            attenuation = -np.log(np.clip(out, 1e-5, 1.3))
            out = np.exp(-attenuation * (self.slope + self.bend * np.clip(attenuation, 0, 5)))
        if self.scatter:
            out = out * (1 - self.scatter) + self.scatter * haze_of(out)
        out = out * self.level * self.rows_gain * self.pulse_gain
        if self.quanta is not None:
            out = out + rng.standard_normal(out.shape, np.float32) * np.sqrt(np.maximum(out, 1e-5) / self.quanta)
        if self.fails:
            fail(rng, out)
        return np.clip(out, 0, 1.2).astype(np.float32)


def fail(rng, transmission):
    """Samples that failed and that nothing says so of."""
    _, rows, columns = transmission.shape
    channels = slice(0, 2) if rng.random() < 0.3 else int(rng.integers(2))
    count = int(np.exp(rng.uniform(0, np.log(120))))
    transmission[channels, rng.integers(0, rows, count), rng.integers(0, columns, count)] *= rng.uniform(0, 0.7)
    if rng.random() < 0.35:
        transmission[channels, int(rng.integers(rows)), int(rng.integers(2))::2] *= rng.uniform(0, 0.7)
    if rng.random() < 0.2:
        transmission[:, rows - int(rng.integers(1, 36)):] = 0 if rng.random() < 0.5 else 1
