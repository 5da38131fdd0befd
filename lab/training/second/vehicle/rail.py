"""Rail wagons: bogies, couplings, and gondola, covered and flat bodies. Rails are left out: scanners mask them."""
from ..box import Box
from ..shapes import Bar, Disk, Upright


def bogie(draw, parts, x):
    """Two wheel sets in a cast frame. x: its middle, mm."""
    spread, radius = draw.between(850, 1000), draw.between(420, 480)
    for at in (x - spread, x + spread):
        for z in (-800, 670):
            parts.add('steel', Disk(at, radius, radius, z, z + 130), fill=0.3)
            parts.add('steel', Disk(at, radius, radius, z, z + 130, inner=radius * 0.84), fill=0.6)
        parts.add('steel', Disk(at, radius, 85, -1050, 1050))
        for z in (-1080, 900):
            parts.shell('iron', Box(at - 150, at + 150, radius - 150, radius + 150, z, z + 180), 40)
    for z in (-1050, 960):
        parts.block('iron', x - spread, x + spread, radius + 100, radius + 240, z, z + 90, fill=0.6)
        for spring in (x - 160, x, x + 160):
            parts.add('steel', Upright(spring, z + 45, 65, radius - 150, radius + 100, inner=38), fill=0.7)
    parts.block('iron', x - 220, x + 220, radius + 50, radius + 350, -1000, 1000, fill=0.16)


def coupling(draw, parts, x, sign):
    """Buffers and hook at one end. sign: 1 if they stretch to the right."""
    for z in (-900, 850):
        parts.add('steel', Bar(x, 1060, x + sign * 480, 1060, 80, z, inner=50))
        parts.block('steel', *sorted((x + sign * 480, x + sign * 520)), 830, 1290, z - 225, z + 225)
    parts.block('iron', *sorted((x - sign * 200, x + sign * 350)), 1000, 1110, -70, 70)


def frame(draw, parts, x0, x1):
    """Underframe on two bogies; returns the height of its upper side in mm."""
    top = draw.between(1150, 1300)
    for z in (-1250, -300, 300, 1240):
        parts.block('steel', x0, x1, top - draw.between(180, 420), top, z, z + 12)
    at = x0 + 500
    while at < x1 - 200:
        parts.block('steel', at, at + 12, top - 250, top, -1250, 1250)
        at += draw.between(900, 2200)
    for x in (x0 + 2000, x1 - 2000):
        bogie(draw, parts, x)
    if draw.chance(0.7):
        tank = (x0 + x1) / 2 + draw.between(-1500, 1500)
        parts.shell('steel', Box(tank, tank + 800, top - 650, top - 280, -200, 200), 5)
    coupling(draw, parts, x0, -1)
    coupling(draw, parts, x1, 1)
    return top


def gondola(draw, parts, x0, x1):
    """An open wagon with high ribbed sides; returns its hold."""
    top = frame(draw, parts, x0, x1)
    height, sheet = draw.between(1300, 2100), draw.between(4, 7)
    for z in (-1400, 1390):
        parts.block('steel', x0, x1, top, top + height, z, z + sheet)
        at = x0
        while at < x1 - 100:
            parts.shell('steel', Box(at, at + 130, top, top + height, z - 60, z + 60), 7)
            at += draw.between(1100, 1500)
        parts.shell('steel', Box(x0, x1, top + height - 110, top + height, z - 40, z + 40), 7)
    for x in (x0, x1 - 8):
        parts.block('steel', x, x + 8, top, top + height, -1390, 1390)
    parts.block('steel', x0, x1, top, top + 6, -1390, 1390)
    return Box(x0 + 60, x1 - 60, top + 10, top + height * draw.between(1.0, 1.3), -1340, 1340)


def covered(draw, parts, x0, x1):
    """A covered wagon; returns its hold."""
    top = frame(draw, parts, x0, x1)
    height = draw.between(2300, 2800)
    outer = Box(x0, x1, top, top + height, -1400, 1400)
    parts.shell('steel', outer, draw.between(2, 3.5))
    parts.shell('wood', outer.inset(10), draw.between(8, 25))
    for i in range(draw.integer(6, 12)):
        post = x0 + (x1 - x0 - 90) * i / 11
        for z in (-1400, 1330):
            parts.shell('steel', Box(post, post + 90, top, top + height, z, z + 70), 5)
    parts.block('hardwood', x0, x1, top, top + 50, -1350, 1350)
    return outer.inset(90).slab(y=(top + 55, top + height - 150))
