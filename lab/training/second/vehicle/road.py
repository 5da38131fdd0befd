"""What runs on the road: chassis, wheels, cab, and bodies other than containers."""
from ..box import Box
from ..outlines import Prism
from ..shapes import Bar, Disk

HALF = 1250


def wheel(draw, parts, x, radius, twin):
    """A wheel at each side: tyre with steel belt, rim, drum and hub."""
    for side in (-1, 1):
        z0, z1 = sorted((side * HALF, side * (HALF - (560 if twin else 310))))
        fill = draw.between(0.35, 0.6)
        parts.add('rubber', Disk(x, radius, radius, z0, z1, inner=radius * 0.56), fill=fill)
        parts.add('steel', Disk(x, radius, radius * 0.97, z0, z1, inner=radius * 0.93), fill=draw.between(0.05, 0.12))
        parts.add('steel', Disk(x, radius, radius * 0.57, z0, z1, inner=radius * 0.52), fill=0.6)
        parts.add('steel', Disk(x, radius, radius * 0.5, z0 + 100, z0 + 112))
        parts.add('iron', Disk(x, radius, 205, z0 + 60, z1 - 60, inner=170))
        parts.add('iron', Disk(x, radius, 110, z0 + 20, z1 - 20), fill=0.7)
    parts.add('iron', Disk(x, radius, 65, -HALF + 300, HALF - 300), fill=0.6)
    parts.add('steel', Bar(x - 450, radius + 130, x + 450, radius + 130, 35, 500), fill=1.5)


def chassis(draw, parts, x0, x1, top):
    """Two I-beams, cross members, side bars, a spare wheel or boxes, legs. top: height of the beams, mm."""
    low, web = top - draw.between(160, 420), draw.between(6, 10)
    for z in (-450, 450):
        parts.block('steel', x0, x1, low, top, z, z + web)
        for edge in (low, top - 14):
            parts.block('steel', x0, x1, edge, edge + 14, z - 60, z + 60)
    at = x0 + 300
    while at < x1:
        parts.block('steel', at, at + 60, top - 130, top, -1200, 1200, fill=0.12)
        at += draw.between(500, 1400)
    if draw.chance(0.6):
        for height in (low - 120, low - 420):
            parts.block('aluminium', x0 + 3000, x1 - 3500, height, height + 90, 1200, 1225, fill=0.3)
    for z in (-700, 600):
        leg = x0 + (x1 - x0) * 0.2
        parts.shell('steel', Box(leg, leg + 110, 320, top, z, z + 110), 8)
    if draw.chance(0.4):
        box = x0 + (x1 - x0) * draw.between(0.3, 0.5)
        parts.shell('steel', Box(box, box + draw.between(500, 1200), low - 450, low - 20, 700, 1200), 2.5)


def fuel_tank(draw, parts, x, y, z):
    """A diesel tank beside the frame, filled to some level."""
    length, height = draw.between(600, 1400), draw.between(450, 650)
    box = Box(x, x + length, y - height, y, z, z + 600)
    parts.shell('aluminium', box, 3.5)
    parts.box('oil', box.inset(4).slab(y=(box.y0 + 4, box.y0 + 8 + (height - 10) * draw.between(0.05, 0.95))))


def engine(draw, parts, x, y, z, length):
    """A diesel: block, cylinders, crankcase, flywheel. x, y: middle of its lower side, mm."""
    height = length * draw.between(0.75, 1)
    parts.shell('iron', Box(x - length / 2, x + length / 2, y + height * .25, y + height * .75, z - 190, z + 190), 28)
    for i in range(6):
        at = x - length / 2 + (i + 0.5) * length / 6
        parts.block('iron', at - 60, at + 60, y + height * 0.3, y + height, z - 90, z + 90, fill=0.35)
    parts.shell('aluminium', Box(x - length / 2, x + length / 2, y, y + height * 0.25, z - 170, z + 170), 7)
    parts.add('steel', Disk(x + length / 2, y + height * 0.4, 190, z - 40, z + 20))
    parts.block('iron', x + length / 2, x + length * 1.1, y + height * 0.2, y + height * .6, z - 150, z + 150,
                fill=.25)


def cab(draw, parts, x, sign):
    """A tractor's cab with its engine and front wheel. x: its front; sign: 1 if it stretches to the right."""
    long, roof, floor = draw.between(1700, 2500), draw.between(2700, 3800), draw.between(900, 1250)
    at = lambda share: x + sign * share * long
    nose = draw.between(0, 0.18)
    for z in (-1150, 1130):
        outline = [(at(0), floor - 300), (at(0.01), floor + 700), (at(nose), roof - 200), (at(nose + .15), roof),
                   (at(1), roof), (at(1), floor - 100)]
        parts.add('steel', Prism(outline, z, z + draw.between(1.6, 2.6)))
        window = [(at(.12), floor + 700), (at(nose + .12), roof - 500), (at(.55), roof - 500), (at(.55), floor + 700)]
        parts.add('steel', Prism(window, z, z + 1.6), fill=-1)
        parts.add('glass', Prism(window, z, z + 4))
    left, right = sorted((at(0.02), at(1)))
    parts.block('steel', left, right, roof - 3, roof, -1150, 1150, fill=0.5)
    parts.block('steel', left, right, floor - 60, floor, -1100, 1100, fill=0.06)
    for z in (-700, 350):
        seat, back = sorted((at(0.35), at(0.58)))
        parts.block('foam', seat, back, floor + 300, floor + 480, z, z + 480, fill=2.5)
        parts.add('foam', Prism([(at(.55), floor + 450), (at(.63), floor + 1150), (at(.68), floor + 1150),
                                 (at(.62), floor + 450)], z, z + 450), fill=2.5)
        parts.block('steel', seat, back, floor, floor + 300, z + 60, z + 420, fill=0.02)
    dash, end = sorted((at(0.08), at(0.22)))
    parts.block('plastic', dash, end, floor + 350, floor + 800, -1100, 1100, fill=0.12)
    bed, end = sorted((at(0.72), at(0.97)))
    parts.block('foam', bed, end, floor + 500, floor + 650, -1000, 1000, fill=1.5)
    engine(draw, parts, at(0.55), floor - 550, 0, draw.between(1000, 1300))
    wheel(draw, parts, at(draw.between(0.5, 0.65)), draw.between(480, 540), False)
    parts.block('copper', *sorted((at(0.05), at(0.1))), floor - 300, floor + 400, -450, 450, fill=0.012)


def tractor(draw, parts, x, sign):
    """Cab, frame, rear axle and tanks. x: the front; returns the x of its rear end."""
    cab(draw, parts, x, sign)
    rear = x + sign * draw.between(5400, 6300)
    left, right = sorted((x + sign * 800, rear))
    for z in (-430, 430):
        parts.block('steel', left, right, 720, 980, z, z + 8)
        for edge in (720, 970):
            parts.block('steel', left, right, edge, edge + 8, z - 40, z + 40)
    for back in (900,) if draw.chance(0.6) else (700, 2050):
        wheel(draw, parts, rear - sign * back, draw.between(480, 530), True)
    for z in (-1200, 600):
        if draw.chance(0.8):
            fuel_tank(draw, parts, x + sign * 3200 - 600, draw.between(900, 1000), z)
    parts.block('iron', *sorted((rear - sign * 1400, rear - sign * 600)), 1060, 1120, -400, 400, fill=0.25)
    return rear


def body(draw, parts, x0, x1, y, height, kind):
    """The box of a truck: 'curtain' (posts, curtain, boards) or 'box' (sandwich walls); returns its hold."""
    parts.block('hardwood', x0, x1, y - 30, y, -1230, 1230)
    at = x0
    while at < x1:
        parts.block('steel', at, at + 50, y - 130, y - 30, -1200, 1200, fill=draw.between(0.06, 0.1))
        at += draw.between(350, 600)
    outer = Box(x0, x1, y, y + height, -1275, 1275)
    if kind == 'curtain':
        parts.box('plastic', outer, fill=0.0012)
        for i in range(5):
            post = x0 + (x1 - x0 - 80) * i / 4
            for z in (-1250, 1190):
                parts.shell('steel', Box(post, post + 80, y, y + height, z, z + 60), 3)
        for i in range(draw.integer(0, 5)):
            parts.block('aluminium', x0, x1, y + 350 + i * 400, y + 470 + i * 400, 1200, 1225, fill=0.25)
            parts.block('aluminium', x0, x1, y + 350 + i * 400, y + 470 + i * 400, -1225, -1200, fill=0.25)
    else:
        parts.shell('foam', outer, draw.between(20, 70), fill=2)
        parts.shell('aluminium' if draw.chance(0.6) else 'plastic', outer, draw.between(1, 2.5))
    parts.block('aluminium', x0, x1, y + height - 70, y + height, -1275, 1275, fill=0.02)
    parts.block('steel', x0, x0 + 40, y, y + height, -1250, 1250, fill=0.03)
    parts.block('aluminium', x1 - 40, x1, y, y + height, -1250, 1250, fill=0.06)
    return outer.inset(75).slab(y=(y, y + height - 120))
