"""The kinds of goods, and how a hold is filled with them."""
from ..box import Box
from . import (arrangement, bulk, cars, cartons, cycles, household, liquids, machines, metal, plants, rolls, sacks,
               stone,
               timber)
from .contents import CONTENTS

CARTONS = {fill.__name__: fill for fill in map(cartons.kind, CONTENTS)}
STACKED = (cartons.assorted, sacks.sacks, sacks.big_bags, sacks.bales, liquids.drums, liquids.ibcs, liquids.jerrycans,
           liquids.gas_cylinders, rolls.paper_rolls, rolls.carpets, rolls.textile_bolts, rolls.cable_reels,
           rolls.wire_coils, metal.coils, metal.pipes, metal.profiles, metal.plates, metal.ingots, metal.steel_frames,
           timber.logs, timber.boards, timber.panels, stone.tiles, stone.slabs, stone.stone_blocks, stone.ceramics,
           machines.machines, cars.cars, cycles.motorcycles, cycles.bicycles, cars.tyres, cars.car_parts,
           household.furniture, household.white_goods, household.mattresses, household.removal,
           household.solar_panels, plants.fruit, plants.frozen_blocks, plants.carcasses, plants.flowers,
           plants.potted_plants)
LOOSE = (bulk.grain, bulk.minerals, bulk.chips, bulk.stones, bulk.scrap, liquids.flexitank)
KINDS = {**{fill.__name__: fill for fill in STACKED + LOOSE}, **CARTONS}
OPEN_KINDS = ('scrap', 'minerals', 'stones', 'chips', 'logs', 'boards', 'pipes', 'profiles', 'plates', 'coils',
              'machines', 'stone_blocks', 'cable_reels', 'steel_frames', 'bales', 'big_bags', 'ingots')
ON_PALLETS = (*CARTONS, 'assorted', 'sacks', 'jerrycans', 'drums', 'fruit', 'textile_bolts', 'wire_coils', 'ceramics',
              'frozen_blocks', 'bales', 'machines', 'tyres')


def pick_name(draw, open_hold):
    if open_hold:
        return draw.pick(OPEN_KINDS)
    return draw.pick(list(CARTONS)) if draw.chance(0.2) else draw.pick(list(KINDS))


def fill_part(draw, space, parts, open_hold):
    """Fills one space with one kind of goods; returns its name."""
    name = pick_name(draw, open_hold)
    if name in ON_PALLETS and draw.chance(0.45) and space.width > 900 and space.height > 1000:
        arrangement.palletised(draw, space, parts, KINDS[name], name)
        return f'{name} on pallets'
    KINDS[name](draw, space, parts)
    return name


def group_shipment(draw, hold, parts, open_hold):
    """Small lots of many senders, beside and behind each other, each with its own height."""
    names, x = [], hold.x0
    while x + 700 < hold.x1:
        long = min(draw.between(800, 1900), hold.x1 - x)
        for i, z in enumerate(((hold.z0, -10), (10, hold.z1))):
            top = hold.y0 + hold.height * draw.between(0.4, 1)
            if draw.chance(0.9):
                names.append(fill_part(draw.child(int(x), i), Box(x, x + long, hold.y0, top, *z), parts, open_hold))
        x += long + draw.between(0, 120)
    return names


def fill_hold(draw, hold, parts, open_hold):
    """Fills a hold in one of several ways; returns the names of its goods, empty for an empty one."""
    way = draw.pick(('one', 'part', 'sections', 'upper', 'group', 'depth', 'empty'),
                    (0.45, 0.1, 0.17, 0.09, 0.1, 0.07, 0.02))
    if way == 'one':
        names = [fill_part(draw, hold, parts, open_hold)]
    elif way == 'part':
        long = hold.width * draw.between(0.35, 0.85)
        left = draw.pick((hold.x0, hold.x1 - long, draw.between(hold.x0, hold.x1 - long)))
        names = [fill_part(draw, hold.slab(x=(left, left + long)), parts, open_hold)]
    elif way == 'sections':
        names = [fill_part(draw.child(i), space, parts, open_hold) for i,
                 space in enumerate(arrangement.sections(draw, hold))
                 if draw.chance(0.9)]
    elif way == 'upper':
        middle = hold.y0 + hold.height * draw.between(0.35, 0.6)
        names = [fill_part(draw, hold.slab(y=(hold.y0, middle)), parts, open_hold)]
        if draw.chance(0.7) and not open_hold:
            parts.block('wood', hold.x0, hold.x1, middle, middle + 18, hold.z0, hold.z1)
            names.append(fill_part(draw, hold.slab(y=(middle + 20, hold.y1)), parts, open_hold))
    elif way == 'group':
        names = group_shipment(draw, hold, parts, open_hold)
    elif way == 'depth':
        middle = draw.between(-400, 400)
        names = [fill_part(draw.child(i), hold.slab(z=z), parts, open_hold)
                 for i, z in enumerate(((hold.z0, middle), (middle, hold.z1)))]
    else:
        names = []
    for secure in arrangement.SECURING:
        if draw.chance(0.18):
            secure(draw, hold, parts)
    return names
