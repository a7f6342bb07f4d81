"""Verbs of captions that could also be nouns ("a dog leaps"): after the noun of a phrase these act."""

from functools import lru_cache

from workbench.levels.word_senses import VERB, lemmas

__all__ = ["acts_rather"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEMMAS = _words(
    """accept ache act add adjust admire advertise aim appear applaud approach argue arrive ascend ask assist attack attempt attend
    await balance bare bask bathe battle beg begin belay bend bicker bite bleat blink blow blush boast bounce brake bray break
    breathe brew bring browse build bump bunt burn burst bury buy caress carry carve cast catch celebrate chant chase chat chatter
    cheer chew chirp chop chuckle clamber clap clasp climb cling close cluck clutch collapse collect collide come compete complete
    concentrate conduct confront connect consider contain contemplate continue converse coordinate cough cradle crash crawl creep
    croak cross crouch cruise cry cuddle curl curtsy cut dance dangle dart dash deliver demonstrate depart descend dig dine direct
    discuss dismount dive do drag draw dream dribble drift drip drive dump eat embrace emerge enjoy enter entertain examine exit
    explain explore fall fasten feature feed fetch fight fill find finish fix flap flee flex float flow flutter fly focus follow
    forage frolic frolick frown gallop gape gather gaze gesture get giggle give glance glare gleam glide glisten glow gnaw go grab
    grasp graze greet grimace grin grind grip grow growl gulp hang happen harvest hatch haul have hear heave help hide hike hiss hit
    hobble hoist hold honk hop hover howl huddle hug hum hunt hurdle hurl hurry ignore imitate include inspect instruct interact jog
    join joke juggle jump jut keep kick kiss kneel knit knock lap lather laugh launch lay lead lean leap learn let lick lie like
    limp linger listen load lob look loom lounge love lower lunge make maneuver march marvel massage measure meditate meet meow
    mingle mix moo mourn move mow mush nap navigate neigh nestle nibble nip nod nuzzle observe offer operate overlook parade pass
    pat pause pedal peek peel peer perch perform pick pirouette play plod plow pluck plunge poke ponder pop pose pounce pour
    practice pray preen prepare press pretend prod promote protrude prowl prune pull purr push put putt quack race raise rappel
    reach read reap recite recline reflect relax release rest return reveal ride rinse rise roam roar roast roll romp rotate rub
    rummage run rush salute saunter savor say scamper scoop scoot scour scowl scramble scrape scratch scream scrub scurry search see
    seek seem sell send serve shake share shave shear shine shiver shoot shout shove shovel show shrug shuffle sift sing sip sit
    skate skid skip skydive slalom slam sleep slip slither slurp smell smile smirk snap snatch sneak sniff snore snuggle soak soar
    sob solve somersault sow speak speed spend spill spin splash splay sprawl sprint squat squawk squeeze squint squirt stagger
    stand stare start startle stay steer stir stomp stoop straddle straighten stretch stride strike stroll struggle strum strut
    study stumble suck sunbathe surround swaddle swallow sway sweep swerve swim swoop tackle take talk taste tease tell tend think
    throw thrust tickle tilt tiptoe toil toss touch tow trade trample travel traverse trawl tread trek tremble trot trudge try tug
    tumble turn tussle tweet twirl twist unload use visit volley waddle wade wag wait wake wakeboard walk wander wash wear weave wed
    weep weigh weld whinny whip whisper whistle whiz win wink wipe wobble work wrestle wriggle write writhe yank yawn yell zip zoom"""
)
"""Verbs that seldom name a thing right after another noun, unlike "slide", "wave", "park" and "train"."""


@lru_cache(maxsize=20_000)
def acts_rather(word: str) -> bool:
    """Whether a word is a form of a verb that acts after a noun rather than naming something with it."""
    return any(lemma in LEMMAS for lemma in lemmas(word, VERB))
