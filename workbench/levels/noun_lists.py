"""Nouns by what they do in a caption: what is no object, what counts or places objects, what a tagger gets wrong."""

__all__ = [
    "ABSTRACT",
    "ACTING_ING",
    "ACTS_OF_PEOPLE",
    "ANIMALS",
    "COLLECTIVES",
    "COLORED_ABSTRACT",
    "COMPOUND_ING",
    "COMPOUND_PLACES",
    "CONTAINERS",
    "DEPICTIONS",
    "HANGING",
    "IDIOMS",
    "ING_NOUNS",
    "MATERIALS",
    "OF_ANIMALS",
    "OWNED",
    "OWNERS",
    "OWNING",
    "PARTITIVES",
    "PEOPLE",
    "PLACES",
    "SINGULAR_S",
    "SPORTING_ING",
    "SPORTS",
    "SPORT_PLACES",
    "SURE_NOUNS",
    "SURFACES",
    "SWINGS",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTITIVES = _words(
    """heard sliced group groups pair pairs bunch bunches couple couples lot lots number numbers herd herds flock flocks row rows piece
    pieces slice slices set sets variety varieties assortment collection series crowd crowds bit bits kind kinds type types sort sorts
    part parts cluster clusters team teams array dozen dozens hundreds thousands gaggle pack packs fleet school line lines bouquet
    bouquets arrangement arrangements patch patches body bodies loaf loaves sheet sheets roll rolls head heads serving servings portion
    portions selection mixture mix swarm litter pride colony gang gathering party band squad trio duo plethora abundance range string
    bundle bundles batch handful handfuls chunk chunks strip strips scoop scoops stack stacks pile piles mound heap heaps display spread
    mass load loads helping plenty majority rest remainder side half halves third quarter quarters wedge wedges species breed amount
    pound pounds clump clumps drop drops pool pinch layer layers expanse bite bites section sections shade shades tuft sea sprig cut pod
    flight panel formation parade sip puff hint hints touch splash trace traces glimpse combination stretch length style variation block
    blocks medley segment segments bushel stalk stalks floret florets armful armfuls dollop swirl sliver clove cloves ear ears front top"""
)
"""Nouns that, followed by "of", count, cut or place another noun: that other noun is the object and takes their colors."""

PLACES = _words(
    """top front middle side sides back center centre end ends edge edges background foreground distance left right bottom inside
    outside half midst rear corner corners interior exterior upside space spot place position location area areas region surface part
    parts point tip base opposite overhead far view surroundings setting scene direction neath downtown halfway section bunch row rows
    line lines pair pile level length height reach way amount shade backgrounds"""
)
"""Nouns that place other objects. With a color, or as a compound ("parking area", "a red top"), they are objects themselves."""

DEPICTIONS = _words(
    """photo photos photograph photographs picture pictures image images view views shot shots close closeup close-up closeups scene
    scenes portrait portraits snapshot snapshots pic pics selfie perspective panorama painting paintings drawing drawings illustration
    rendering sketch depiction footage screenshot collage look glimpse capture print film photography still"""
)
"""Nouns for the picture itself. Hanging on a wall they are objects; as what the caption describes they are not."""

ABSTRACT = _words(
    """horizon return returns time times day days night nights nighttime daytime evening evenings morning mornings afternoon noon midday
    dusk dawn sunrise season winter summer spring autumn year years month week weekend hour hours minute minutes moment occasion
    birthday christmas halloween holiday vacation weather wind breeze air temperature cold heat sunshine sunlight daylight moonlight
    darkness shadow shadows reflection reflections motion action movement activity activities event events game games match matches race
    races competition contest tournament sport sports tennis soccer football volleyball basketball rugby cricket golf hockey polo
    lacrosse skateboarding surfing skiing snowboarding swimming sailing skating fishing hiking cycling racing baseball softball
    gymnastics rodeo trick tricks stunt stunts jump jumps leap flip flips swing turn turns pose poses way ways manner style styles
    fashion shape shapes size sizes color colors colour colours hue hues tone tones pattern patterns design designs texture form type
    types kind kinds name names number amount lots idea thought attention fun love joy peace help care use work job business trip
    journey ride rides walk run flight trot stroll visit tour break nap rest sleep meeting traffic wild dark fours downwards upwards
    parallel skills conversation call talk chat lesson class practice training performance concert wedding ceremony celebration parade
    festival session smile smiles grin frown expression expressions look looks gaze glance stare focus contrast detail details view
    views sight vision perspective angle angles direction directions distance height length depth width speed balance order sequence
    mode condition state position positions formation level preparation process progress service sale sales purpose reason cause effect
    effects example sample fact case cases difference life death age history culture religion language languages word music song sound
    noise voice smell taste scent bite bites lap laps world country nation century past future present while second moments bunch pair
    pairs variety rear midair mid-air outdoors indoors outside inside background backgrounds foreground midst front side sides middle
    center centre top bottom left right back end edge trouble danger safety need needs addition row rows handstand meanwhile today
    tonight tomorrow yesterday summertime wintertime springtime lunchtime dinnertime bedtime party parties crap construction repair
    repairs maintenance renovation display exhibit exhibition sync unison tow mess location locations destination route advantage
    opportunity quality instruction instructions lighting twilight breakfast lunch dinner supper brunch appearance attempt role roles
    profile public goodbye askance fight fights tug war parody aim cartwheel cartwheels climb bounce gesture combat moves kiss kisses
    hug hugs yoga somersault somersaults wheelie wheelies self pillow-fight karate ballet pirouette backflip backflips headstand
    exercise exercises attention course scenery transit transport transportation transition play plays system technology science nature
    environment nowhere somewhere anywhere everywhere kick throw pitch catch hit serve volley backhand forehand maneuver manoeuvre
    stance crouch grip hold bloom-time approach landing takeoff take-off departure arrival midflight mid-flight entertainment leisure
    luxury comfort privacy nothing reds blues whites yellows purples pinks grays greys blacks close-ups line-up lineup pm am inch inches
    miles mile ones lot plenty much more most gestures arts"""
)
"""Nouns without a surface that could be colored."""

SPORTS = _words(
    """videogame videogames tennis soccer football volleyball basketball rugby cricket golf hockey polo lacrosse baseball softball
    frisbee wii badminton croquet bowling tag cards chess catch fetch video ping games game"""
)
"""What is played: no object right after a form of "play"."""

BALLS = _words("football footballs volleyball basketball basketballs baseball baseballs softball polo polos")
"""Sports that a ball or a shirt has its name from: "a pink basketball", "a navy polo"."""

PEOPLE = _words(
    """man men woman women boy boys girl girls person people child children kid kids lady ladies guy guys player players surfer skier
    snowboarder skateboarder rider male female baby toddler bride groom couple group team band members police officer worker workers
    adult adults teenager skater batter catcher pitcher chef waiter lifeguard nurse doctor dancer dancers crowd friends"""
)

ING_NOUNS = _words(
    """building buildings clothing railing railings ceiling ceilings painting paintings lettering awning awnings frosting icing topping
    toppings dressing wedding opening clearing crossing covering coverings writing stuffing wiring string strings ring rings king kings
    wing wings thing things sibling siblings pudding evening morning landing paving roping piping siding filling fillings flooring
    bedding netting tubing carving carvings drawing drawings engraving marking markings housing earring earrings duckling ducklings
    gosling goslings trimming lining seedling sling swing spring dumpling dumplings shipping sterling darling sapling saplings roofing
    paneling fencing decking lighting furnishing furnishings belongings seating tiling stocking stockings legging leggings herring
    rigging scaffolding meeting advertising tagging rendering beings being setting offspring offering offerings shavings plumbing
    dwelling coloring colouring crosswalking yearling hatchling bling viking fling steering"""
)

SURE_NOUNS = _words(
    """fair skirt oj shed sheds oven hydrants ketchup cauliflower mustard retriever puppy kitten poodle stop stand stands bat bats remote
    seat seats light lights mouse park cover dress plant plants watch drink drinks bench truck bus board model can cans tie ties book
    books fish top fence shower sink sinks face tire train trains court pitcher stall bowl bowls plate plates box match boat boats ski
    skis mug phone phones clock clocks hydrant kite kites lamp plane male female adult orange blouse cub teddy microwave suit suits toy
    duck ducks bear bears calf pen surfboard giraffe giraffes broccoli laptop cellphone smartphone toilet urinal tile tiles wood chrome
    metal plastic pasture tent uniform"""
)
"""Nouns that the tagger takes for verbs or adjectives."""

SINGULAR_S = _words(
    """bus glass grass dress class cross tennis glasses sports mens womens kids jeans skis goods gas brass canvas sunglasses bass lens
    christmas mess press compass cactus campus circus pants shorts veggies clothes scissors less teddies mans womans childs peoples
    persons someones people"""
)
"""Nouns in -s that do not end a phrase of a list as plurals do."""

OWNERS = _words("chefs cowboys mens ladies girls boys artists farmers teachers players doctors trains buses")
"""Owners written without an apostrophe ("chefs hat")."""

OWNED = _words("hat hats coat coats uniform uniforms engine room desk bike toy toys bedroom")

COMPOUND_PLACES = _words("walk case cases lot lots back top tops patio display pile stack bar line lines")
"""Objects only as a compound or with a color ("parking lot")."""

SURFACES = _words("area areas surface surfaces region space spaces top tops section sections")
"""Objects with any adjective ("a grassy area")."""

COLORED_ABSTRACT = _words(
    """pattern patterns design designs shadow shadows sunset sunrise lighting shape shapes details detail word words name number numbers
    reflection scenery display formation theme accents trim"""
)
"""Objects only with a color ("a red pattern")."""

HANGING = _words(
    """picture pictures photo photos painting paintings photograph photographs drawing drawings portrait portraits image images print
    prints film collage sketch illustration"""
)
"""Depictions that hang on walls."""

COMPOUND_ING = _words("dining living parking swimming frying cutting washing baking rocking steering shopping vending sewing")
"""Words in -ing that describe any noun after them ("kitchen and dining area")."""

ACTING_ING = _words("seating setting writing drawing painting landing crossing serving opening covering filling lining carving advertising")
"""Nouns in -ing that are verbs between a noun and its place ("a teacher writing on")."""

OWNING = _words("mans womans childs mens womens peoples persons dogs cats")
"""Owners that write their own "s" without an apostrophe even after "the" ("the mans hat")."""

CONTAINERS = _words("bottle bottles shaker shakers jar jars packet packets dispenser dispensers container containers grinders mills")

MATERIALS = _words(
    """clay wood brick metal stone concrete leather plastic marble steel glass tile wicker hardwood granite iron oak bamboo denim plaid
    floral"""
)
"""Of what a thing is made, said of it without an article: "the floor is dark wood"."""

SWINGS = _words("swing swings")
"""Things on which one sits, and abstract only after "take"."""

IDIOMS = {
    "in": _words("profile public line circle formation flight mid-flight midair front back town bloom love silhouette mid-air half"),
    "on": _words("horseback display foot fire top hand board guard"),
    "at": _words("attention bat sea work play home hand"),
    "by": _words("hand foot side"),
    "of": _words("course"),
    "under": _words("construction water"),
}
"""Nouns that name no object right after a preposition, without an article."""

SPORTING_ING = _words(
    "boarding riding jumping fishing diving climbing boxing racing skating skiing surfing hiking sailing kayaking rafting swimming sledding"
)
"""Sports that, between two nouns, belong to the second: "an ice fishing hut", "a rock climbing wall"."""

ANIMALS = _words(
    """dog puppy cat kitten horse pony foal cow calf bull goat sheep lamb pig piglet donkey mule zebra giraffe elephant lion tiger bear
    cub monkey ape panda fox wolf deer elk moose rabbit squirrel mouse bird parrot owl eagle hawk duck duckling goose swan gull seagull
    pelican flamingo penguin rooster hen chick pigeon sparrow robin heron crane fish shark whale dolphin seal turtle frog lizard snake
    butterfly bee poodle spaniel retriever terrier collie beagle husky pug dachshund labrador lab greyhound bulldog boxer chihuahua
    shepherd"""
)

ACTS_OF_PEOPLE = _words(
    """paddles waves swings slides points skates fishes bikes drinks faces stops steps drops bows skis cycles snowboards skateboards
    surfs sails kayaks canoes rafts shops tows trains pitches serves swims watch watches"""
)
"""Verbs in -s that could be nouns, after people who wear a color: "a woman in purple paddles across the lake"."""

OF_ANIMALS = _words(
    """toys houses beds trailers scouts baths tanks cages sleds bowls collars leashes masks heads tails feet legs noses riders owners
    statues crates boats seats carriages clothes members uniforms fans"""
)
"""Things named after an animal or a person that could be verbs: "the dog toys"."""

SPORT_PLACES = _words("rock ice mountain wake sky scuba wind snow body horseback deep sea fly cliff base para")
"""What stands before a sport as one verb with it: "a man rock climbing near the sea"."""

COLLECTIVES = _words("couple family team crew band class audience crowd pair trio group")
"""Nouns in the singular that a verb in the plural may follow: "a couple dip their plates"."""
