"""The word lists of caption reading: what is no object, what only counts or places objects, and which words a tagger gets wrong.

Everything is lower case and American; nouns are listed in singular and plural where both occur.
"""

__all__ = [
    "ABSTRACT",
    "BE",
    "BODY_NOUNS",
    "COLOR_COMBINATIONS",
    "COLOR_NOUNS",
    "DEPICTIONS",
    "DETERMINERS",
    "FOOD_HEADS",
    "HAIR_WORDS",
    "ING_NOUNS",
    "NAMES_WITH_COLORS",
    "NOUN_PARTICIPLES",
    "NUMBERS",
    "ORANGE_HEADS",
    "PARTICLES",
    "PARTITIVES",
    "PART_PARTICIPLES",
    "PEOPLE",
    "PLACES",
    "PREPOSITIONS",
    "PRONOUNS",
    "SHADES",
    "SPORTS",
    "SURE_NOUNS",
    "SURE_VERBS",
    "TINTED",
    "WEAK_COLORS",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "a an the this these those some any every each all both no another several many few his her its their my our your various multiple someones everyones somebodys"
)
NUMBERS = _words("two three four five six seven eight nine ten eleven twelve dozen hundreds dozens")
PRONOUNS = _words(
    """it they them he she him i we you us one ones someone somebody something anyone anything everyone everything nothing itself
    themselves himself herself other others who whom which what there"""
)
BE = _words(
    "is are was were be being been am 's 're look looks looked appear appears seem seems remain remains turn turns turned glow glows shine shines"
)
PREPOSITIONS = _words(
    """in on at of with without by near under over behind beside besides between above below from into onto through along across around
    against inside outside underneath beneath toward towards upon for to during before after amid among amongst atop past off down up
    next out about like as within throughout beyond via per"""
)

PARTITIVES = _words(
    """heard sliced group groups pair pairs bunch bunches couple couples lot lots number numbers herd herds flock flocks row rows piece pieces slice
    slices set sets variety varieties assortment collection series crowd crowds bit bits kind kinds type types sort sorts part parts
    cluster clusters team teams array dozen dozens hundreds thousands gaggle pack packs fleet school line lines bouquet bouquets
    arrangement arrangements patch patches body bodies loaf loaves sheet sheets roll rolls head heads serving servings portion portions
    selection mixture mix swarm litter pride colony gang gathering party band squad trio duo plethora abundance range string bundle
    bundles batch handful handfuls chunk chunks strip strips scoop scoops stack stacks pile piles mound heap heaps display spread mass
    load loads helping plenty majority rest remainder side half halves third quarter quarters wedge wedges kinds species breed amount
    pound pounds clump clumps drop drops pool pinch layer layers expanse bite bites section sections shade shades tuft sea sprig cut
    pod flight gathering panel formation parade sip puff hint hints touch splash trace traces glimpse combination stretch length
    style variation block blocks medley segment segments bushel stalk stalks floret florets dollop swirl sliver clove cloves ear ears
    row front top"""
)
"""Nouns that, followed by "of", count, cut or place another noun: that other noun is the object and takes their colors."""

PLACES = _words(
    """top front middle side sides back center centre end ends edge edges background foreground distance left right bottom inside
    outside half midst rear corner corners interior exterior upside space spot place position location area areas region surface
    part parts point tip base opposite overhead far sky-line view center-stage surroundings setting scene direction neath downtown
    halfway section bunch row rows row line lines pair pile level row length height reach way amount shade"""
)
"""Nouns that place other objects. With a color, or as a compound ("parking area", "a red top"), they are objects themselves."""

DEPICTIONS = _words(
    """photo photos photograph photographs picture pictures image images view views shot shots close closeup close-up closeups scene
    scenes portrait portraits snapshot snapshots pic pics selfie perspective panorama painting paintings drawing drawings illustration
    rendering sketch depiction footage screenshot collage look glimpse capture print film photography still"""
)
"""Nouns for the picture itself. Hanging on a wall they are objects; as what the caption describes they are not."""

ABSTRACT = _words(
    """time times day days night nights nighttime daytime evening evenings morning mornings afternoon noon midday dusk dawn sunrise
    season winter summer spring autumn year years month week weekend hour hours minute minutes moment occasion birthday christmas
    halloween holiday vacation weather wind breeze air temperature cold heat sunshine sunlight daylight moonlight darkness
    shadow shadows reflection reflections motion action movement activity activities event events game games match matches race races
    competition contest tournament sport sports tennis soccer football volleyball basketball rugby cricket golf hockey polo lacrosse
    skateboarding surfing skiing snowboarding swimming sailing skating fishing hiking cycling racing baseball softball gymnastics
    rodeo trick tricks stunt stunts jump jumps leap flip flips swing turn turns pose poses way ways manner style styles fashion shape
    shapes size sizes color colors colour colours hue hues tone tones pattern patterns design designs texture form type types kind
    kinds name names number amount lots idea thought attention fun love joy peace help care use work job business trip journey ride
    rides walk run flight race trot stroll visit tour break nap rest sleep meeting traffic wild dark fours downwards upwards parallel skills conversation call talk chat lesson class practice
    training performance concert wedding ceremony celebration parade festival session smile smiles grin frown expression expressions
    look looks gaze glance stare focus contrast detail details view views sight vision perspective angle angles direction directions
    distance height length depth width speed balance order sequence mode condition state position positions formation level
    preparation process progress service sale sales purpose reason cause effect effects example sample fact case cases difference
    life death age history culture religion language languages word music song sound noise voice smell taste scent bite bites
    lap laps world country nation century past future present while second moments bunch couple pair pairs variety rear midair
    mid-air outdoors indoors outside inside background backgrounds foreground distance midst front side sides middle center centre
    top bottom left right back end edge trouble danger safety need needs addition case middle row rows hand-stand handstand
    meanwhile today tonight tomorrow yesterday summertime wintertime springtime lunchtime dinnertime bedtime party parties crap
    construction repair repairs maintenance renovation traffic-jam display exhibit exhibition sync unison tow mess
    location locations destination route advantage opportunity quality temperature instruction instructions lighting twilight
    breakfast lunch dinner supper brunch dessert-time snack-time appearance attempt role roles scenery transit transport transportation
    transition stage-play play plays system technology science nature environment nowhere somewhere anywhere everywhere
    kick throw pitch catch hit serve volley backhand forehand maneuver manoeuvre stance crouch grip hold bloom-time approach landing
    takeoff take-off departure arrival midflight mid-flight entertainment leisure luxury comfort privacy variety nothing reds blues
    whites yellows purples pinks grays greys blacks close-ups line-up lineup habitat-loss pm am inch inches foot-long feet-long miles
    mile ones same lot lots plenty much more most"""
)
"""Nouns without a surface that could be colored."""

SPORTS = _words(
    """tennis soccer football volleyball basketball rugby cricket golf hockey polo lacrosse baseball softball frisbee wii badminton
    croquet bowling cards chess catch fetch video ping games game"""
)
"""What is played: no object right after a form of "play"."""

PEOPLE = _words(
    """man men woman women boy boys girl girls person people child children kid kids lady ladies guy guys player players surfer skier
    snowboarder skateboarder rider male female baby toddler bride groom couple group team band members police officer worker workers
    adult adults teenager skater batter catcher pitcher chef waiter lifeguard nurse doctor dancer dancers women's crowd friends"""
)

BODY_NOUNS = _words(
    """eye eyes hair face faces head heads nose ear ears tail tails leg legs foot feet paw paws beak beaks spot spots stripe stripes
    mane wing wings neck"""
)

PART_PARTICIPLES = _words(
    """eyed haired faced headed nosed legged footed eared tailed skinned bearded tipped topped roofed rimmed trimmed winged breasted
    bellied necked billed beaked crested collared handled wheeled sleeved capped maned feathered furred bodied backed shouldered
    toed pawed lipped cheeked bottomed edged bordered framed soled hatted shirted jacketed leaved leafed blossomed walled lidded face
    face-d mouthed throated rumped horned"""
)
"""Second parts of adjectives that give a color to a part ("blue-eyed"), not to the object."""

TINTED = _words(
    """colored coloured color colour hued toned tone tinted tint shaded clad lit striped stripe stripped checked checkered chequered
    spotted speckled dotted plaid painted tiled frosted iced dyed stained glazed glowing patterned accented trimmed camouflage camo and
    flowered flowering walled leather brick-colored themed ish glazed checker polka paneled panelled upholstered carpeted bricked"""
)
"""Second parts of adjectives that give a color to the object ("red-striped")."""

NOUN_PARTICIPLES = _words(
    """covered filled lined shaped colored coloured topped sized styled style themed flavored flavoured patterned capped dusted
    decorated paneled panelled powered haired eyed faced made bound printed stained crusted draped packed strewn littered soaked fed
    operated drawn baked fried lit framed framed enclosed infested ridden shaded edged carved patched laden
    encrusted based wrapped stuffed dressed studded streaked flecked bordered type colored inspired"""
)
"""Participles that, between two nouns, make the first describe the second ("snow covered mountain")."""

PARTICLES = {
    "pick": _words("up"),
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
    cookies bush bushes plant plants garden gardens petal petals dish fillet filet steak steaks sandwich tea wedge wedges peel leaf leaves
    branch branches reef reefs tart bread root cheese puff puffs donut donuts doughnut doughnuts pudding chips field fields roll rolls
    sushi dinner filling frosting pizza patty cream milk bagel burger grove vine vines bouquet bouquets seeds jelly wine bar bars
    officer officers ship ships sailor sailors base jet jets plane planes seal seals medal-winner ale beer snap family bush"""
)
"""What follows a fruit, plant or dish whose name is also a color."""

WEAK_COLORS = _words(
    """aubergine violet lavender plum lilac mint lime olive salmon coral mustard ginger charcoal cream peach apricot chestnut amber emerald jade
    ruby sapphire navy ivory slate indigo copper bronze tangerine sage periwinkle fuchsia cobalt aqua cherry cardinal sepia
    pumpkin ash russet hazel"""
)
"""Names of things that are also colors: a color only before a noun that is no food or plant, or after a shade ("pale olive")."""

COLOR_NOUNS = _words(
    """rose chocolate lemon snow sky grass sand strawberry coffee walnut mahogany caramel cinnamon rust steel pearl bone orchid eggplant
    raspberry cranberry banana pea banana wheat blood brick tomato avocado carrot grape wine leaf stone cocoa smoke ebony platinum bubblegum
    flamingo sandy dusty rusty denim midnight camel fawn mud hunter forest royal butter vanilla linen chalk alabaster lead nickel dim
    midnight powder pine moss fern kelly spring poppy jet raven sable noir off mocha espresso fudge biscuit dirt toffee almond hazel
    maize saffron sunflower daffodil marigold persimmon papaya clementine blush carnation thulian iris thistle mulberry blackberry
    parchment seashell bisque moccasin peru buff cognac garnet claret merlot rouge brick obsidian onyx shamrock camo heliotrope byzantium noir amethyst canary cornflower pistachio harlequin goldenrod eggshell gunmetal pewter graphite terracotta honeydew oldlace"""
)
"""Things whose names are colors only before "-colored" or as the shade of another color ("chocolate brown")."""

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
    """light dark bright pale deep vivid pastel neon fluorescent florescent flourescent soft faded dull muted medium burnt hot solid
    lightly darkly brightly bluish greenish reddish yellowish brownish purplish pinkish greyish grayish whitish blackish orangish"""
)
"""Words that belong to the color after them and go where it goes."""

NAMES_WITH_COLORS = {
    "red": _words("sox bull cross-team hots"),
    "black": _words("friday berry"),
    "green": _words("bay peace"),
    "blue": _words("jays"),
    "white": _words("castle"),
    "brown": _words("university"),
    "pink": _words("floyd"),
    "purple": _words("heart-medal"),
}

ING_NOUNS = _words(
    """building buildings clothing railing railings ceiling ceilings painting paintings lettering awning awnings frosting icing topping
    toppings dressing wedding opening clearing crossing covering coverings writing stuffing wiring string strings ring rings king kings
    wing wings thing things sibling siblings pudding evening morning landing paving roping piping siding filling fillings flooring
    bedding netting tubing carving carvings drawing drawings engraving marking markings housing earring earrings duckling ducklings
    gosling goslings trimming lining seedling sling swing spring dumpling dumplings pudding shipping sterling darling sapling saplings
    roofing paneling fencing decking lighting furnishing furnishings belongings clothing seating tiling stocking stockings legging
    leggings herring rigging scaffolding meeting advertising tagging rendering beings being setting offspring offering offerings
    shavings plumbing dwelling crosswalking yearling hatchling bling viking fling steering"""
)

SURE_NOUNS = _words(
    """oven hydrants ketchup cauliflower mustard retriever puppy kitten poodle stop stand stands bat bats fly-swatter remote seat seats light lights mouse park cover dress plant plants watch drink drinks
    bench truck bus board model can cans tie ties book books fish cross-walk top fence shower sink sinks face tire train trains court
    pitcher stall bowl bowls plate plates box match boat boats ski skis mug phone phones clock clocks hydrant kite kites lamp plane male
    female adult orange blouse cub teddy microwave suit suits stuffed-animal toy duck ducks bear bears calf pen surfboard
    giraffe giraffes broccoli laptop cellphone smartphone toilet urinal tile tiles wood chrome metal plastic pasture tent"""
)
"""Nouns that the tagger takes for verbs or adjectives."""

SURE_VERBS = _words(
    """play ride fly look walk run jump swim talk wait drive pull push carry travel gather pose cut drinks drink sit hang graze wear hold enjoy eat swim does crosses raises glows sits sitting stands standing lays lying laying lies grazes grazing stares stare eats eating flies rides riding leans leaning looks
    looking walks walking holds holding wears wearing poses posing hangs hanging runs running jumps jumping plays playing shows showing
    stands features featuring parked resting rests sleeps sleeping swims swimming watches watching waits waiting drives driving crosses
    crossing carries carrying travels traveling travelling takes taking skis boards surfs surfing skates skateboards glides hits hitting
    throws throwing catches catching reaches reaching pulls pulling pushes pushing passes passing perches perched perching laid sat has
    having have had includes contains containing overlooks overlooking faces-off surrounds surrounding sails soars floats floating peers
    peeks pokes sniffs licks stares smiles smiling laughs preparing prepares swinging navigates attempts attempting snuggle snuggles
    cuddles gathers climbs climbing bends leads pours pouring cuts cutting displaying displays-on advertises advertising reads reading
    talks talking performs gazes gazing serves serving rolls-over races hovers sleeps naps lounges feeds feeding grabs grabbing drinks-up
    pulls stopped stops skateboarding sits-on driving decorated filled covered topped seated located mounted attached making makes doing
    does getting gets going goes coming comes putting puts using uses standng siting"""
)
"""Verb forms that the tagger takes for nouns after a noun."""
