"""Verbs of captions that could also be nouns ("a dog leaps"): after the noun of a phrase these act."""

from functools import lru_cache

from workbench.levels.word_senses import VERB, lemmas

__all__ = ["acts_rather"]

LEMMAS = frozenset(
    """accept ache act add adjust admire advertise aim appear applaud approach argue arrive ascend ask assist attack attempt attend
    await balance bare bask bathe battle beg begin belay bend bicker bite blink blow boast bounce brake break breathe brew bring
    browse build bump burn burst bury buy carry carve cast catch celebrate chase chat chatter cheer chew chop clap clasp climb cling
    close clutch collapse collect collide come compete complete concentrate conduct confront connect consider contain
    contemplate continue converse coordinate cough crash crawl creep cross crouch cruise cry cuddle curl cut dance dangle dart
    dash deliver demonstrate depart descend dig dine direct discuss dismount dive do drag draw dream dribble drift drip drive dump
    eat embrace emerge enjoy enter entertain examine exit explain explore fall fasten feature feed fetch fight fill find finish fix
    flee flex float flow flutter fly focus follow forage frolic frown gallop gape gather gaze gesture get giggle give glance glare
    gleam glide glisten glow gnaw go grab grasp graze greet grimace grin grind grip grow growl gulp hang happen harvest hatch haul
    have hear help hide hike hit hoist hold hop howl huddle hug hunt hurdle hurl hurry ignore imitate include inspect instruct
    interact jog join joke juggle jump jut keep kick kiss kneel knit knock lap laugh launch lay lead lean leap learn let lick
    lie like linger listen load look loom lounge love lower lunge make maneuver march marvel massage measure meditate meet mingle
    mix mourn move mow mush nap navigate nestle nibble nip nuzzle observe offer operate overlook parade pass pat pause pedal peek
    peel peer perch perform pick play plow plunge poke ponder pop pose pounce pour practice pray preen prepare press pretend prod
    promote protrude prowl pull push put quack race raise rappel reach read recline reflect relax release rest return reveal ride
    rinse rise roam roast roll romp rotate rub run rush salute savor say scamper scoop scoot scrape scratch scream scrub search see
    seek seem sell send serve shake share shave shear shine shoot shout shovel show sing sip sit skate skid skip slam sleep slip
    slurp smell smile smirk snap sneak sniff snore snuggle soak soar solve somersault speak speed spend spill spin splash splay
    sprawl sprint squat squeeze squint squirt stand stare start startle stay steer stir stoop straddle straighten stretch stride
    strike stroll struggle strum strut study stumble suck sunbathe surround swallow sway sweep swerve swim swoop tackle take talk
    taste tease tell tend think throw thrust tilt toss touch tow trade trample travel traverse tread trek trot try tug tumble turn
    tussle twirl twist unload use visit volley wade wag wait wake wakeboard walk wander wash watches wear weave wed weigh weld whip
    whisper win wipe work wrestle write yawn yell zip zoom""".split()
)
"""Verbs that seldom name a thing right after another noun, unlike "slide", "wave", "park" and "train"."""


@lru_cache(maxsize=20_000)
def acts_rather(word: str) -> bool:
    """Whether a word is a form of a verb that acts after a noun rather than naming something with it."""
    return any(lemma in LEMMAS for lemma in lemmas(word, VERB))
