"""All kinds of goods by name. The order matters: draws pick a kind by its place."""
from .bottles import add_bottles, add_cans
from .building import add_tiles, add_timber
from .cartons import add_cartons
from .coils import add_coils
from .drums import add_drums
from .electronics import add_electronics
from .empty import add_empty_pallets
from .fruit import add_fruit
from .furniture import add_furniture
from .machines import add_machines
from .paper_rolls import add_paper_rolls
from .pipes import add_pipes
from .soft_goods import add_bales, add_sacks
from .tyres import add_tyres
from .white_goods import add_white_goods

EMPTY = 'empty'

GOODS = {
    'cartons': add_cartons, 'sacks': add_sacks, 'drums': add_drums, 'paper-rolls': add_paper_rolls,
    'bottled-drinks': add_bottles, 'canned-food': add_cans, 'engines': add_machines, 'white-goods': add_white_goods,
    'furniture': add_furniture, 'pipes': add_pipes, 'coils': add_coils, 'tiles': add_tiles, 'timber': add_timber,
    'fruit': add_fruit, 'tyres': add_tyres, 'bales': add_bales, 'electronics': add_electronics,
    EMPTY: add_empty_pallets}
"""Each function adds goods to a list of bodies: f(rng, bodies, section)."""

REGULAR = ['cartons', 'sacks', 'drums', 'paper-rolls', 'bottled-drinks', 'canned-food', 'white-goods', 'coils', 'tiles',
           'fruit', 'bales', 'electronics']
"""Goods in regular units, of which one can be missing."""

TEXTURES = {'cartons': .03, 'sacks': .03, 'furniture': .05, 'timber': .02, 'fruit': .05, 'bales': .06, 'engines': .03,
            'tyres': .03, 'electronics': .02}
USUAL_TEXTURE = .012
"""Relative spread of areal density over the scan."""
