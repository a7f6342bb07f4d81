"""Words of grammar and of color: everything that caption reading knows of them by heart. Lower case."""

from workbench.imaging import THINGS

__all__ = [
    "ADVERBS",
    "AUXILIARIES",
    "BE",
    "CHANGING",
    "COLOR_COMBINATIONS",
    "COLOR_NOUNS",
    "DEFINITE",
    "DEGREES",
    "DENIALS",
    "DEPICTING",
    "DETERMINERS",
    "FILLERS",
    "FOOD_HEADS",
    "GARMENTS",
    "GARMENT_PARTICIPLES",
    "HAIR",
    "HAIR_WORDS",
    "KEPT_VERBS",
    "NAMES_WITH_COLORS",
    "NOUN_PARTICIPLES",
    "NUMBERS",
    "ORANGE_HEADS",
    "PAINTED",
    "PARTICLES",
    "PART_PARTICIPLES",
    "PEOPLE_OF_RACE",
    "PREPOSITIONS",
    "PRONOUNS",
    "READING",
    "SHADES",
    "SHOWN_BY_VERBS",
    "SPORTSWEAR",
    "SURE_VERBS",
    "TINTED",
    "TINTS",
    "TITLES",
    "WEAK_COLORS",
    "WEARING",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    """a an the this these those some any every each all both no another several many few his her its their my our your various multiple
    someones everyones somebodys"""
)

ADVERBS = _words(
    """goodbye face-down face-up upside-down side-by-side mid-air midair indoors outdoors sideways upright askew alongside uphill downhill
    headfirst head-first"""
)
"""Words that say how or where, whatever their tag."""

NUMBERS = _words("two three four five six seven eight nine ten eleven twelve dozen hundreds dozens")

PRONOUNS = _words(
    """it they them he she him i we you us ones someone somebody something anyone anything everyone everything nothing one other itself
    themselves himself herself others who whom which what there"""
)

BE = _words(
    """is are was were be being been am 's 're look looks looked appear appears seem seems remain remains turn turns turned turning glow
    glows shine shines"""
)

PREPOSITIONS = _words(
    """in on at of with without by near under over behind beside besides between above below from into onto through along across around
    against inside outside underneath beneath toward towards upon for to during before after amid among amongst atop past off down up
    next out about like as within throughout beyond via per infront w/ w/o onto despite"""
)

PART_PARTICIPLES = _words(
    """eyed haired faced headed nosed legged footed eared tailed skinned bearded tipped topped roofed rimmed trimmed winged breasted
    bellied necked billed beaked crested collared handled wheeled sleeved capped maned feathered furred bodied backed shouldered toed
    pawed lipped cheeked bottomed edged bordered framed soled hatted shirted jacketed leaved leafed blossomed lidded face mouthed
    throated rumped horned"""
)
"""Second parts of adjectives that give a color to a part ("blue-eyed"), not to the object."""

TINTED = _words(
    """colored coloured color colour hued toned tone tinted tint shaded clad lit striped stripe stripped checked checkered chequered
    spotted speckled dotted plaid painted tiled frosted iced dyed stained glazed glowing patterned accented trimmed camouflage camo and
    flowered flowering walled leather themed checker polka paneled panelled upholstered carpeted bricked"""
)
"""Second parts of adjectives that give a color to the object ("red-striped")."""

NOUN_PARTICIPLES = _words(
    """covered filled lined shaped colored coloured topped sized styled style themed flavored flavoured patterned capped dusted
    decorated paneled panelled powered haired eyed faced made bound printed stained crusted draped packed strewn littered soaked fed
    operated drawn baked fried lit framed enclosed infested ridden shaded edged carved patched laden encrusted based wrapped stuffed
    dressed studded streaked flecked bordered type inspired"""
)
"""Participles that, between two nouns, make the first describe the second ("snow covered mountain")."""

PARTICLES = {
    "pick": _words("up"),
    "fenced": _words("in off"),
    "upside": _words("down"),
    "take": _words("out away"),
    "see": _words("through thru"),
    "stir": _words("fry fried"),
    "drive": _words("through thru in"),
    "pull": _words("out down over"),
    "fold": _words("up out down"),
    "carry": _words("on out"),
    "walk": _words("in up"),
    "pop": _words("up"),
    "blow": _words("up"),
    "built": _words("in"),
    "button": _words("up down"),
    "lace": _words("up"),
    "stand": _words("up alone"),
    "flip": _words("up top"),
    "check": _words("in out"),
    "close": _words("up"),
}
"""Verbs and particles that together describe the noun after them ("pick up truck")."""

ORANGE_HEADS = _words(
    """juice juices slice slices peel peels tree trees wedge wedges half halves segment segments zest marmalade sauce grove rind section
    sections pieces piece crush chicken pulp seed seeds smoothie sherbet blossom blossoms quarters skin skins concentrate"""
)
"""What follows the fruit, not the color."""

FOOD_HEADS = _words(
    """pie pies cake cakes cobbler juice tree trees slice slices jam yogurt sauce salad oil oils soup ice smoothie muffin muffins cookie
    cookies bush bushes plant plants garden gardens petal petals dish fillet filet steak steaks sandwich tea wedge wedges peel leaf
    leaves branch branches reef reefs bread root cheese puff puffs donut donuts doughnut doughnuts pudding chips field fields roll rolls
    sushi dinner filling frosting pizza patty cream milk bagel burger patch patches grove vine vines bouquet bouquets seeds jelly wine
    bar bars blossom blossoms tomato tomatoes picker pit pits tart tarts officer officers ship ships sailor sailors base jet jets plane
    planes seal seals ale beer snap family"""
)
"""What follows a fruit, plant or dish whose name is also a color."""

WEAK_COLORS = _words(
    """aubergine violet lavender plum lilac mint lime olive salmon coral mustard ginger charcoal cream peach apricot chestnut amber
    emerald jade ruby sapphire navy ivory slate indigo copper bronze tangerine sage periwinkle fuchsia cobalt aqua cherry cardinal sepia
    pumpkin ash russet hazel"""
)
"""Names of things that are also colors: a color only before a noun that is no food or plant, or after a shade ("pale olive")."""

COLOR_NOUNS = (
    THINGS
    | _words(
        """rose chocolate lemon snow sky grass sand strawberry coffee walnut mahogany caramel cinnamon rust steel pearl bone orchid eggplant
        raspberry cranberry banana pea wheat blood brick tomato avocado carrot grape wine leaf stone cocoa smoke ebony platinum bubblegum
        flamingo sandy dusty rusty denim midnight camel fawn mud hunter forest royal butter vanilla linen chalk alabaster lead nickel dim
        powder pine moss fern kelly spring poppy jet raven sable noir off mocha espresso fudge biscuit dirt toffee almond hazel maize
        saffron sunflower daffodil marigold persimmon papaya clementine blush carnation thulian iris thistle mulberry blackberry parchment
        seashell bisque moccasin peru buff cognac garnet claret merlot rouge obsidian onyx shamrock camo heliotrope byzantium amethyst
        canary cornflower pistachio harlequin goldenrod eggshell gunmetal pewter graphite terracotta honeydew oldlace"""
    )
) - WEAK_COLORS
"""Things whose names are colors only before "-colored" or as the shade of another color ("chocolate brown")."""

GARMENTS = _words(
    """shirt shirts t-shirt t-shirts tshirt tshirts tee polo blouse jacket jackets coat coats sweater sweaters top tops dress dresses
    hoodie hoodies sweatshirt sweatshirts uniform uniforms vest vests tunic robe robes"""
)

SPORTSWEAR = GARMENTS | _words("gear suit suits outfit outfits clothing clothes pants shorts boots helmet helmets equipment attire jersey")
"""What is named after a sport: "red riding gear"."""

GARMENT_PARTICIPLES = _words("collared sleeved hooded buttoned necked button-down striped-sleeved")
"""Adjectives after a color that leave the color to the garment: "a gray collared shirt" is gray, "a red collared dog" is not red."""

HAIR = _words(
    """hair hairs ponytail ponytails pigtails braid braids fur mane wig beard curls locks bangs bun dreadlocks mohawk afro mustache
    moustache eyebrows highlights"""
)

HAIR_WORDS = _words("blonde blond brunette auburn flaxen")
"""Colors of hair: of the hair when it is named, else of a part that is not."""

COLOR_COMBINATIONS = {
    "green": _words("forest hunter lime army kelly sea mint pea apple moss pine olive emerald jade sage grass avocado spring neon"),
    "blue": _words("sky baby royal navy ice steel midnight powder electric ocean denim teal turquoise cobalt sapphire slate"),
    "red": _words("fire blood brick cherry candy ruby cardinal wine crimson tomato rust rose maroon engine strawberry"),
    "pink": _words("hot bubblegum rose salmon baby coral fuchsia magenta"),
    "yellow": _words("lemon mustard canary banana golden gold butter mellow sunshine"),
    "orange": _words("burnt pumpkin tangerine"),
    "brown": _words("chocolate rust rusty coffee caramel golden chestnut tan sandy beige"),
    "white": _words("off snow milk cream creamy bone pearl ivory eggshell"),
    "black": _words("jet pitch coal midnight"),
    "gray": _words("charcoal slate ash steel silver smoke stone"),
    "grey": _words("charcoal slate ash steel silver smoke stone"),
    "purple": _words("royal plum violet grape lavender"),
    "blonde": _words("strawberry dirty platinum"),
}
"""For a color, the words before it that only shade it ("golden brown" is one color, "red white" are two)."""

SHADES = _words(
    """half light dark bright pale deep vivid pastel neon fluorescent florescent flourescent soft faded dull muted medium burnt hot
    solid lightly darkly brightly bluish greenish reddish yellowish brownish purplish pinkish greyish grayish whitish blackish orangish"""
)
"""Words that belong to the color after them and go where it goes."""

PEOPLE_OF_RACE = _words(
    """man men woman women boy boys girl girls person people child children kid kids lady ladies guy guys male males female females
    couple couples family families gentleman gentlemen teenager teenagers teen teens adult adults american americans folks youth youths
    toddler man's woman's actor actress singer athlete athletes businessman businesswoman mother father grandmother grandfather"""
)
"""People of whom "black" and "white" say no color: "a black woman"."""

NAMES_WITH_COLORS = {
    "red": _words("sox bull stripe wings"),
    "black": _words("friday"),
    "green": _words("bay peace thumb"),
    "blue": _words("jays jay"),
    "white": _words("castle water"),
    "orange": _words("county"),
    "golden": _words("gate"),
    "brown": _words("university"),
    "pink": _words("floyd"),
}

SURE_VERBS = _words(
    """balances performs competes play ride fly look walk run jump swim talk wait drive pull push carry travel gather pose cut drinks
    drink sit hang graze wear hold enjoy eat does crosses raises glows sits sitting stands standing lays lying laying lies grazes
    grazing stares stare eats eating flies rides riding leans leaning looks looking walks walking holds holding wears wearing poses
    posing hangs hanging runs running jumps jumping plays playing shows showing features featuring parked resting rests sleeps sleeping
    swims swimming watches watching waits waiting drives driving crossing carries carrying travels traveling travelling takes taking
    skis boards surfs surfing skates skateboards glides hits hitting throws throwing catches catching reaches reaching pulls pulling
    pushes pushing passes passing perches perched perching laid sat has having have had includes contains containing overlooks
    overlooking surrounds surrounding sails soars floats floating peers peeks pokes sniffs licks smiles smiling laughs preparing
    prepares swinging navigates attempts attempting snuggle snuggles cuddles gathers climbs climbing bends leads pours pouring cuts
    cutting displaying advertises advertising reads reading talks talking gazes gazing serves serving races hovers naps lounges feeds
    feeding grabs grabbing stopped stops skateboarding decorated filled covered topped seated located mounted attached making makes
    doing getting gets going goes coming comes putting puts using uses"""
)
"""Verb forms that the tagger takes for nouns after a noun."""

DEPICTING = _words("of showing shows with that depicting taken looking depicts has featuring features")

FILLERS = _words(
    """same all mostly mainly partly entirely completely very over various several different of shades shade hues tones both either
    solid so also now a an the out up primarily almost just"""
)

PAINTED = _words(
    """checkered chequered checked striped painted colored coloured dyed lit tinted decorated done tiled stained dressed clad clothed
    outfitted wearing"""
)

SHOWN_BY_VERBS = _words("showing shows flashing flashes displaying displays")
"""Verbs of lights and screens, of which a bare color is said: "a traffic light showing red"."""

WEARING = _words("wearing wears wear wore dressed clad clothed")

READING = _words(
    """reads read reading says say saying said labeled labelled marked written words word spelling spells spelled named titled called
    stating states lettering letters message"""
)
"""What comes before words that are written on a thing."""

AUXILIARIES = _words("both all each to has have had will would can could may might must should")

TINTS = _words("colored coloured hued toned tinted lit color colour clad")

DEGREES = _words("very all mostly mainly partly entirely completely solid half quite really so rather almost")

KEPT_VERBS = _words("painted colored coloured dyed lit tinted decorated done tiled stained dressed clad clothed")

DENIALS = _words("not n't never nor neither without no")
"""Words after which a color is denied: "the car is not red"."""

CHANGING = ("turn", "chang", "fad", "shift", "rang", "transition", "go", "vary", "varies", "blend")
"""Beginnings of verbs that lead from one color to another."""

PERCEIVING = _words(
    """watch watches watched watching see sees saw seeing let lets letting help helps helped helping make makes made making hear hears
    heard hearing"""
)
"""Verbs before a thing and what it does, without -s: "watching a dog climb"."""

DEFINITE = _words("the this that these those")
"""Determiners of a thing that may have been named before."""

TITLES = _words("mr mrs ms dr mr. mrs. ms. dr. st.")
"""What stands before a surname."""
