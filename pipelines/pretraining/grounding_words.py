"""What annotators call the things that teachers mark: for each group of labels, which are meant, which may be, and the names used.

A name that is given twice is drawn twice as often. Labels that may be meant count neither for a phrase nor against it: a blouse may be
called a shirt, what a teacher took for a pavement may be a road.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """Labels that names mean, labels that they may mean, and the names."""

    labels: tuple[str, ...]
    unsure: tuple[str, ...]
    names: tuple[str, ...]


def _meaning(labels: str, unsure: str, names: str) -> Meaning:
    return Meaning(*(tuple(filter(None, part.split(","))) for part in (labels, unsure, names)))


GARMENTS: dict[str, Meaning] = {
    "shirt": _meaning(
        "shirt,t-shirt,blouse,top",
        "sweater,sweatshirt,jumper,cardigan,vest,hoodie,romper,bodysuit,dress",
        "shirt,shirt,shirt,polo shirt,dress shirt,sport shirt,jersey,button-down",
    ),
    "t-shirt": _meaning(
        "t-shirt,shirt,top",
        "blouse,sweater,sweatshirt,jumper,cardigan,vest,hoodie,romper,bodysuit,dress",
        "t-shirt,t-shirt,tshirt,tee shirt,tee,tank top,jersey",
    ),
    "top": _meaning(
        "top,blouse,shirt,t-shirt,sweater,sweatshirt,jumper,cardigan,hoodie,vest",
        "jacket,blazer,coat,dress,romper,bodysuit,cape,suit",
        "top,top,tank top",
    ),
    "blouse": _meaning("blouse,shirt,top", "t-shirt,sweater,cardigan,jumper,sweatshirt,vest,romper,dress,bodysuit", "blouse"),
    "sweater": _meaning(
        "sweater,jumper,sweatshirt,cardigan,hoodie",
        "top,shirt,t-shirt,blouse,jacket,vest,dress",
        "sweater,sweater,pullover,jumper,sweatshirt,hoodie,cardigan,turtleneck",
    ),
    "jacket": _meaning(
        "jacket,blazer,coat",
        "cape,suit,sweater,cardigan,vest,hoodie,sweatshirt",
        "jacket,jacket,blazer,windbreaker,leather jacket,parka,anorak",
    ),
    "coat": _meaning(
        "coat,jacket,blazer,cape",
        "suit,sweater,cardigan,vest,hoodie,dress",
        "coat,coat,overcoat,raincoat,trench coat,cloak",
    ),
    "suit": _meaning("suit,blazer", "jacket,coat,pants,vest", "suit,business suit"),
    "dress": _meaning("dress,romper", "skirt,jumper,bodysuit,blouse,top,shirt,coat", "dress,dress,dress,gown,sundress,robe,frock"),
    "skirt": _meaning("skirt", "dress,shorts", "skirt,skirt,miniskirt,kilt"),
    "pants": _meaning(
        "pants,jeans,leggings",
        "shorts,tights,stockings,jumper,romper,bodysuit,suit",
        "pants,pants,trouser,trousers,slacks,leggings,sweat pants",
    ),
    "jeans": _meaning("jeans,pants", "leggings,shorts,tights", "jean,jeans,jeans,blue jean,denim"),
    "shorts": _meaning("shorts", "pants,skirt,romper,jeans", "shorts,shorts,short pants,trunks"),
    "shoes": _meaning(
        "shoes,boots,heels,pumps,loafers,sneakers,flats,sandals,wedges",
        "socks,stockings",
        "shoe,shoe,shoes,footwear,sneaker,sandal,boot",
    ),
    "boots": _meaning("boots", "shoes,heels", "boot,boots"),
    "hat": _meaning("hat", "", "hat,hat,cap,beanie,bonnet,baseball cap,straw hat,headdress"),
    "bag": _meaning("bag,purse,wallet", "accessories", "bag,bag,handbag,purse,pocketbook,tote,backpack,satchel"),
    "scarf": _meaning("scarf", "accessories,cape", "scarf,muffler,shawl"),
    "belt": _meaning("belt", "accessories", "belt,waistband"),
    "sunglasses": _meaning("sunglasses,glasses", "accessories", "sunglasses,glasses,spectacles,goggles"),
    "tie": _meaning("tie", "", "tie,necktie"),
    "stockings": _meaning("stockings,tights,socks", "leggings", "stocking,tights,sock,hose"),
    "gloves": _meaning("gloves", "", "glove,mitten"),
    "vest": _meaning("vest", "top,blouse,jacket", "vest,waistcoat"),
    "hair": _meaning("hair", "", "hair,hair,hairdo"),
    "skin": _meaning("skin", "", "skin,face,arm,leg"),
    "clothes": _meaning(
        "blazer,blouse,bodysuit,boots,cape,cardigan,coat,dress,flats,gloves,hat,heels,hoodie,jacket,jeans,jumper,"
        "leggings,loafers,pants,pumps,romper,sandals,scarf,shirt,shoes,shorts,skirt,sneakers,socks,stockings,suit,"
        "sweater,sweatshirt,t-shirt,tie,tights,top,vest,wedges",
        "bag,accessories,belt",
        "clothes,clothing,outfit,uniform,garment,apparel",
    ),
}
"""By what people drew: garments, hair and skin."""

GROUNDS: dict[str, Meaning] = {
    "sky": _meaning("sky", "", "sky,sky,sky,cloud"),
    "grass": _meaning("grass,field", "plant,earth", "grass,grass,lawn,meadow,turf,grassland"),
    "field": _meaning("field,grass", "earth,plant", "field,field,pasture,meadow"),
    "ground": _meaning("earth,field,grass,road,sidewalk,floor", "water,sea,rug", "ground,ground,land"),
    "dirt": _meaning("earth", "field,road,sidewalk,grass,floor", "dirt,soil,earth,path,trail"),
    "wall": _meaning("wall", "building,painting,window,door,curtain,cabinet,house,shelf,mirror", "wall,wall,brick wall,plaster,paneling"),
    "building": _meaning(
        "building,house",
        "wall,door,window",
        "building,building,skyscraper,edifice,architecture,tower,church,castle,palace",
    ),
    "house": _meaning("house,building", "wall,door,window", "house,house,cottage,barn,home,shed,hut,cabin"),
    "floor": _meaning("floor,rug", "sidewalk,road,earth", "floor,floor,flooring,court"),
    "rug": _meaning("rug", "floor", "rug,carpet,mat"),
    "road": _meaning("road", "sidewalk,earth,floor", "road,road,highway,roadway"),
    "street": _meaning("road,sidewalk", "earth,floor", "street,street,avenue,pavement,alley"),
    "sidewalk": _meaning("sidewalk", "road,floor,earth", "sidewalk,sidewalk,pavement,walkway"),
    "water": _meaning("water,sea", "", "water,water,river,lake,pond,pool,swimming pool,stream"),
    "sea": _meaning("sea,water", "", "sea,sea,ocean,wave,bay"),
    "tree": _meaning("tree", "plant,mountain,grass", "tree,tree,forest,woods,branch"),
    "plant": _meaning("plant,tree", "grass,field", "plant,plant,bush,foliage,leaf,shrub,hedge"),
    "mountain": _meaning("mountain", "earth,tree", "mountain,mountain,hill,cliff,rock,peak"),
    "ceiling": _meaning("ceiling", "wall", "ceiling,roof"),
    "bed": _meaning("bed", "sofa", "bed,bed,bedspread,blanket,sheet,mattress,quilt"),
    "window": _meaning("window", "curtain,wall,door,building", "window,windowpane"),
    "cabinet": _meaning("cabinet", "shelf,door,table,wall", "cabinet,cabinet,cupboard,wardrobe,dresser,closet"),
    "door": _meaning("door", "window,wall,cabinet", "door,door,doorway,gate"),
    "table": _meaning("table", "cabinet,chair,bed", "table,table,desk,dining table,coffee table,counter,tablecloth"),
    "curtain": _meaning("curtain", "window,wall", "curtain,curtain,drape,drapery"),
    "chair": _meaning("chair,armchair", "sofa,table", "chair,chair,seat,armchair,stool"),
    "sofa": _meaning("sofa,armchair", "chair,bed", "sofa,couch,couch,armchair"),
    "painting": _meaning("painting", "wall,window,mirror", "painting,picture,poster,picture frame"),
    "shelf": _meaning("shelf", "cabinet,wall", "shelf,bookshelf,bookcase"),
    "mirror": _meaning("mirror", "window,wall,painting", "mirror,mirror"),
    "car": _meaning("car", "", "car,car,automobile,vehicle,sedan,taxi"),
}
"""By what a segmenter of scenes marks: grounds and furniture."""

THINGS: dict[str, tuple[str, ...]] = {
    "person": (
        "person",
        "man",
        "man",
        "woman",
        "woman",
        "boy",
        "girl",
        "child",
        "kid",
        "lady",
        "guy",
        "player",
        "people",
        "baby",
        "worker",
        "rider",
    ),
    "dog": ("dog", "dog", "dog", "puppy", "animal", "hound", "terrier"),
    "cat": ("cat", "cat", "kitten", "animal"),
    "bird": ("bird", "bird", "animal", "duck", "parrot", "gull", "eagle", "pigeon", "owl"),
    "horse": ("horse", "horse", "pony", "animal"),
    "sheep": ("sheep", "sheep", "lamb", "goat", "animal"),
    "cow": ("cow", "cow", "bull", "cattle", "calf", "animal"),
    "elephant": ("elephant", "elephant", "animal"),
    "bear": ("bear", "bear", "animal"),
    "zebra": ("zebra", "animal"),
    "giraffe": ("giraffe", "animal"),
    "bicycle": ("bicycle", "bike", "cycle"),
    "motorbike": ("motorcycle", "motorbike", "bike", "scooter", "vehicle"),
    "aeroplane": ("airplane", "plane", "jet", "aeroplane", "aircraft"),
    "bus": ("bus", "bus", "vehicle", "coach"),
    "train": ("train", "train", "locomotive", "vehicle"),
    "truck": ("truck", "truck", "van", "lorry", "vehicle", "pickup"),
    "boat": ("boat", "boat", "ship", "canoe", "kayak", "sailboat"),
    "bench": ("bench", "bench", "seat"),
    "handbag": ("bag", "handbag", "purse"),
    "tvmonitor": ("television", "monitor", "screen", "tv"),
    "suitcase": ("suitcase", "luggage", "bag"),
    "pottedplant": ("plant", "houseplant", "flowerpot", "flower", "pot"),
    "bottle": ("bottle",),
    "wine glass": ("wineglass", "glass"),
    "cup": ("cup", "mug", "glass"),
    "bowl": ("bowl", "bowl", "dish"),
    "sports ball": ("ball", "ball", "basketball", "soccer ball", "tennis ball", "football"),
    "cell phone": ("phone", "cellphone", "telephone", "cellular telephone"),
    "laptop": ("laptop", "computer"),
    "refrigerator": ("refrigerator", "fridge", "electric refrigerator"),
    "donut": ("doughnut", "donut"),
    "clock": ("clock", "alarm clock", "watch"),
    "teddy bear": ("teddy bear", "teddy", "toy", "stuffed animal"),
    "umbrella": ("umbrella", "parasol"),
    "frisbee": ("frisbee", "disk"),
    "kite": ("kite",),
    "skateboard": ("skateboard", "board"),
    "surfboard": ("surfboard", "board"),
    "snowboard": ("snowboard", "board"),
    "backpack": ("backpack", "bag", "knapsack"),
    "cake": ("cake", "cake", "dessert", "food"),
    "pizza": ("pizza", "food"),
    "vase": ("vase", "vase", "pot", "jar"),
    "fire hydrant": ("fire hydrant", "hydrant", "fireplug"),
    "stop sign": ("stop sign", "sign", "street sign"),
    "traffic light": ("traffic light", "stoplight"),
    "toilet": ("toilet",),
    "sink": ("sink", "washbasin"),
    "oven": ("oven", "stove"),
    "apple": ("apple", "fruit"),
    "orange": ("orange", "fruit"),
    "banana": ("banana", "fruit"),
    "carrot": ("carrot", "vegetable"),
    "broccoli": ("broccoli", "vegetable"),
    "book": ("book", "notebook"),
    "tie": ("tie", "necktie"),
    "baseball glove": ("baseball glove", "mitt"),
    "tennis racket": ("racket", "tennis racket"),
    "sofa": ("sofa", "couch"),
    "chair": ("chair", "seat"),
    "bed": ("bed",),
    "diningtable": ("table", "dining table"),
}
"""Names of a detector's kinds; a kind that is not here has its own."""

BY_CAPTION: dict[str, str] = {
    "snow": "earth,sidewalk,road,floor,field,grass,mountain,water,sea",
    "sand": "earth,sidewalk,road,floor,field",
    "beach": "earth,sidewalk,road,floor,field",
    "rock": "mountain,earth",
    "court": "floor,road,sidewalk,field,grass",
    "pool": "water,sea",
    "track": "road,sidewalk,earth,floor",
}
"""Grounds that no segmenter knows: where two captions of a photo name one, it is what it is taken for."""
