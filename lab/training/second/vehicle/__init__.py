"""Draws a vehicle, a container or a wagon, with the holds into which goods go."""
from typing import NamedTuple

from . import container, rail, road

MAKERS = (container.dry, container.reefer, container.flat, container.tank)
SHARES = (0.76, 0.1, 0.07, 0.07)
LIQUID, OPEN, CLOSED = 'liquid', 'open', 'closed'


class Rig(NamedTuple):
    container: str  # as in the index: '1x20', '1x40', '2x20', 'truck', 'wagon'
    holds: list  # (Box, LIQUID, OPEN or CLOSED)
    limits: tuple  # x0, x1, y0, y1 of everything


def make(draw, parts):
    kind = draw.pick((contained, trucked, railed), (0.62, 0.2, 0.18))
    return kind(draw, parts)


def contain(draw, parts, x, y, feet):
    """One container of any sort, as a hold."""
    maker = draw.pick(MAKERS, SHARES)
    if maker is container.tank and feet == 40:
        maker = container.dry
    box = maker(draw, parts, x, y, feet)
    return box, {container.tank: LIQUID, container.flat: OPEN}.get(maker, CLOSED)


def contained(draw, parts):
    """Containers, on a chassis with or without a tractor, or alone on the ground or a trailer that is not seen."""
    name = draw.pick(('1x20', '1x40', '2x20'), (0.38, 0.44, 0.18))
    alone = draw.chance(0.3)
    feet = 40 if name == '1x40' else 20
    length = 6058 if name == '1x20' else 12192 if name == '1x40' else 12192 + draw.between(0, 250)
    y = draw.between(100, 300) if alone else draw.between(1050, 1500)
    starts = [0] if name != '2x20' else [0, length - 6058]
    if name == '2x20':
        length = starts[-1] + 6058
    holds = [contain(draw, parts, x, y, feet) for x in starts]
    left, right, low = -draw.between(200, 900), length + draw.between(200, 900), -50
    if not alone:
        left, right = carried(draw, parts, length, y, left, right)
        low = draw.pick((-80, draw.between(100, 700)))
    return Rig(name, holds, (left, right, low, y + 2900 + draw.between(80, 500)))


def carried(draw, parts, length, y, left, right):
    """A chassis below, perhaps a tractor before or after; returns the limits in x."""
    road.chassis(draw, parts, -300, length + 100, y)
    sign = draw.pick((-1, 1))
    axles = draw.integer(2, 3)
    for i in range(axles):
        back = 1000 + i * 1320
        road.wheel(draw, parts, length - back if sign > 0 else back, draw.between(470, 530), draw.chance(0.6))
    if not draw.chance(0.6):
        return left, right
    gap = draw.between(2600, 3300)
    if sign > 0:
        road.tractor(draw, parts, -gap, 1)
        return -gap - draw.between(100, 500), right
    road.tractor(draw, parts, length + gap, -1)
    return left, length + gap + draw.between(100, 500)


def trucked(draw, parts):
    """A truck or trailer with its own body."""
    length, y = draw.log_between(5500, 13600), draw.between(950, 1350)
    height, kind = draw.between(2200, 2900), draw.pick(('curtain', 'box'))
    hold = road.body(draw, parts, 0, length, y, height, kind)
    left, right = carried(draw, parts, length, y - 130, -draw.between(300, 900), length + draw.between(300, 900))
    return Rig('truck', [(hold, CLOSED)], (left, right, draw.pick((-80, draw.between(0, 500))), y + height + 300))


def railed(draw, parts):
    """A wagon between two couplings."""
    length = draw.between(9500, 14500)
    limits = (-1100, length + 1100, draw.between(-80, 350), 1200 + draw.between(3000, 3300))
    maker = draw.pick(('gondola', 'covered', 'flat'), (0.35, 0.35, 0.3))
    if maker == 'flat':
        top = rail.frame(draw, parts, 0, max(length, 12400))
        holds = [contain(draw, parts, x + 60, top, 20) for x in (0, 6200)]
        return Rig('wagon', holds, (-1100, max(length, 12400) + 1100, limits[2], top + 3000))
    hold = (rail.gondola if maker == 'gondola' else rail.covered)(draw, parts, 0, length)
    return Rig('wagon', [(hold, OPEN if maker == 'gondola' else CLOSED)], limits)
