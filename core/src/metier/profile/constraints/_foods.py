"""Ingredients and medicines by family, in English and Chinese.

Families of allergens follow Regulation (EU) No 1169/2011, Annex II (fourteen
substances), and the nine major food allergens of the United States (Food Allergen
Labeling and Consumer Protection Act of 2004, and FASTER Act of 2021 for sesame);
which products are listed with them follows the Minnesota Department of
Agriculture's page "Food ingredients that may cause allergies". Penicillins are
those that the Health Service Executive of Ireland names on its page "Antibiotics,
penicillins" (13 July 2011), with Augmentin as the brand of co-amoxiclav named by
University College London Hospitals ("Adult penicillin allergy testing").
Chinese names are the everyday words for the same things.

A longer name wins over a shorter one inside it, so that "almond milk" is a nut and
no milk, and 椰奶 is neither; a name with no family ("-") is there to say so.
"""

# ruff: noqa: E501  (a table; a Han character counts as two)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from metier.profile._fold import singular, words
from metier.profile._same import names, sense

_TABLE = """
peanut = peanut, peanut butter, peanut oil, peanut sauce, groundnut, satay, satay sauce
 | 花生, 花生酱, 花生油, 花生米, 花生碎, 沙爹
tree nut = nut, almond, hazelnut, walnut, cashew, pecan, brazil nut, pistachio, macadamia, almond milk,
 almond butter, almond flour, cashew butter, cashew milk, praline, marzipan, frangipane, nutella, pine nut,
 mixed nut
 | 坚果, 杏仁, 榛子, 核桃, 腰果, 碧根果, 开心果, 夏威夷果, 巴西果, 杏仁奶, 核桃露, 杏仁粉, 果仁, 松子
crustacean = crustacean, shrimp, prawn, crab, lobster, crayfish, crawfish, langoustine, scampi, krill,
 shrimp paste, king prawn
 | 甲壳类, 虾, 虾仁, 大虾, 龙虾, 小龙虾, 虾米, 虾皮, 虾酱, 基围虾, 蟹, 螃蟹, 大闸蟹, 蟹肉, 蟹黄
mollusc = mollusc, mollusk, clam, mussel, oyster, oyster sauce, scallop, squid, octopus, calamari,
 cuttlefish, abalone, snail, escargot, whelk, cockle
 | 软体类, 贝类, 蛤蜊, 花蛤, 青口, 贻贝, 牡蛎, 生蚝, 蚝油, 扇贝, 瑶柱, 干贝, 鱿鱼, 章鱼, 墨鱼, 鲍鱼, 田螺
crustacean+mollusc = shellfish | 贝壳类, 甲壳, 带壳海鲜
fish = fish, sushi, sashimi, fish and chips, smoked salmon, salmon, tuna, cod, haddock, trout, mackerel, sardine, anchovy, herring, halibut, sea bass,
 flounder, tilapia, fish sauce, fish stock, worcestershire sauce, caviar, roe, eel, surimi
 | 鱼, 鱼肉, 三文鱼, 金枪鱼, 鳕鱼, 鲈鱼, 鲑鱼, 沙丁鱼, 凤尾鱼, 鲭鱼, 带鱼, 草鱼, 鳗鱼, 鱼露, 鱼子酱, 鱼汤, 鱼丸, 生鱼片, 寿司, 刺身, 烤鱼, 水煮鱼, 酸菜鱼
fish+crustacean+mollusc = seafood | 海鲜, 海产
egg = egg, omelette, omelet, mayonnaise, mayo, meringue, eggnog, egg white, egg yolk, albumin, custard,
 frittata, quiche, aioli, hollandaise
 | 蛋, 鸡蛋, 鸭蛋, 蛋清, 蛋黄, 蛋白液, 荷包蛋, 煎蛋, 炒蛋, 蛋羹, 蛋黄酱, 蛋饼, 皮蛋, 蛋花汤, 蛋挞
milk = milk, dairy, butter, cheese, cream, yogurt, yoghurt, ghee, whey, casein, buttermilk, ice cream,
 sour cream, cream cheese, cottage cheese, parmesan, mozzarella, cheddar, feta, ricotta, mascarpone,
 custard, lactose, condensed milk, milk powder, kefir, half-and-half, whipped cream, latte, cappuccino,
 milk chocolate, milkshake, gouda, brie, paneer, halloumi
 | 奶, 牛奶, 乳制品, 奶制品, 黄油, 奶酪, 芝士, 奶油, 淡奶油, 酸奶, 炼乳, 乳清, 奶粉, 鲜奶, 羊奶, 冰淇淋, 奶昔, 拿铁, 乳糖
gluten = gluten, rye, barley, spelt, kamut, semolina, couscous, bulgur, seitan, malt, beer,
 farro, triticale
 | 麸质, 面筋, 黑麦, 大麦, 燕麦麸, 麦芽, 啤酒, 烤麸
wheat = wheat, bread, pasta, spaghetti, flour, noodle, baguette, croissant, cracker, breadcrumb, toast,
 udon, ramen, pizza, cake, biscuit, muffin, pancake, bagel, sandwich, soy sauce, macaroni, lasagna, lasagne,
 panko, penne, fettuccine, dumpling
 | 小麦, 面粉, 面包, 面条, 意面, 意大利面, 馒头, 包子, 饺子, 拉面, 乌冬面, 披萨, 饼干, 蛋糕, 馄饨, 酱油, 吐司, 三明治,
 油条, 烙饼
oat = oat, oatmeal, oat milk | 燕麦, 燕麦片, 燕麦奶
soy = soy, soya, soybean, tofu, edamame, tempeh, miso, soy milk, soy sauce, soy lecithin, natto, soy protein
 | 大豆, 黄豆, 豆腐, 毛豆, 豆浆, 味噌, 酱油, 纳豆, 豆奶, 腐竹, 豆干, 豆豉
sesame = sesame, tahini, sesame oil, sesame seed, hummus, halva, gomasio
 | 芝麻, 芝麻油, 香油, 麻油, 芝麻酱, 麻酱
celery = celery, celeriac | 芹菜, 西芹
mustard = mustard, dijon | 芥末, 芥菜籽, 黄芥末
lupin = lupin, lupine | 羽扇豆
sulphite = sulphite, sulfite, sulphur dioxide, sulfur dioxide | 亚硫酸盐, 二氧化硫
meat = meat, beef, lamb, mutton, veal, chicken, turkey, duck, goose, steak, sausage, mince, venison,
 rabbit, meatball, burger, hamburger, brisket, jerky, foie gras, bone broth, chicken stock, chicken broth,
 beef stock, beef broth, chicken breast, pate, ground beef, bolognese, ribeye, rib eye, sirloin, t-bone, tenderloin,
 filet mignon, fillet steak, short rib, roast beef, pulled beef, chicken wing, chicken thigh, drumstick, hot dog,
 kebab, pastrami, corned beef, meatloaf, roast chicken, fried chicken, roast dinner, wagyu, turkey bacon, turkey ham, beef bacon, brisket sandwich
 | 肉, 牛肉, 羊肉, 鸡肉, 鸭肉, 鹅肉, 火鸡, 牛排, 肉丸, 鸡汤, 骨汤, 肉末, 鸡胸肉, 鸡腿, 鸡翅, 烤鸭, 羊排, 牛腩, 肉汤, 烤鸡, 炸鸡, 白切鸡, 烤肉, 羊肉串, 烤串, 肥牛, 牛肉面, 肉夹馍, 回锅肉, 热狗, 和牛, 火鸡培根, 牛肉培根,
 红烧肉, 排骨
pork = pork, bacon, ham, lard, prosciutto, pancetta, salami, chorizo, pepperoni, pork chop, gammon,
 pork belly, spare rib, pork rib, carnitas, pulled pork, bratwurst
 | 猪肉, 培根, 火腿, 猪油, 猪排, 叉烧, 五花肉, 腊肉, 香肠, 排骨, 红烧肉
gelatin = gelatin, gelatine, marshmallow | 明胶, 吉利丁, 棉花糖
honey = honey | 蜂蜜
alcohol = alcohol, wine, beer, vodka, whisky, whiskey, rum, gin, tequila, brandy, cocktail, champagne, liqueur,
 lager, ale, stout, whiskey sour, martini, margarita, pint of beer, red wine, white wine, sake, cider, bourbon, prosecco, cooking wine, mulled wine
 | 酒, 红酒, 白酒, 葡萄酒, 啤酒, 黄酒, 料酒, 伏特加, 威士忌, 朗姆酒, 鸡尾酒, 香槟, 米酒, 白兰地, 清酒, 烧酒, 红葡萄酒, 白葡萄酒, 精酿
caffeine = caffeine, coffee, espresso, latte, cappuccino, energy drink, black tea, green tea, cola
 | 咖啡因, 咖啡, 拿铁, 浓缩咖啡, 红茶, 绿茶, 可乐, 能量饮料, 浓茶
sugar = sugar, syrup, candy, cane sugar | 糖, 白糖, 糖浆, 糖果, 冰糖, 红糖
cilantro = cilantro, coriander | 香菜, 芫荽
penicillin = penicillin, penicillin v, penicillin g, phenoxymethylpenicillin, amoxicillin, amoxil, ampicillin,
 flucloxacillin, floxapen, co-amoxiclav, augmentin, co-fluampicil, benzylpenicillin, piperacillin, tazocin,
 temocillin, ticarcillin, calvepen
 | 青霉素, 阿莫西林, 氨苄西林, 氟氯西林, 苄青霉素, 哌拉西林, 替卡西林, 替莫西林, 苯氧甲基青霉素
aspirin = aspirin, acetylsalicylic acid | 阿司匹林, 乙酰水杨酸
ibuprofen = ibuprofen | 布洛芬
latex = latex, latex glove | 乳胶, 乳胶手套
- = coconut milk, rice milk, plant milk, plant-based milk, vegan milk, hemp milk, coconut cream, coconut butter,
 cocoa butter, shea butter, body butter, vegan butter, vegan cheese, vegan cream, plant-based butter,
 plant-based cheese, plant-based yogurt, coconut yogurt, coconut yoghurt, vegan mayo, vegan mayonnaise,
 vegan ice cream, butternut, butter lettuce, butter bean, milk thistle, cream of tartar, face cream,
 hand cream, sunscreen cream, shaving cream, cold cream, rice noodle, glass noodle, rice flour,
 coconut flour, corn flour, chickpea flour, buckwheat flour, rice pasta, lentil pasta, chickpea pasta,
 rice cake, rice cracker, corn bread, cornbread, oyster mushroom, veggie burger, vegan burger, bean burger,
 plant-based burger, vegan sausage, veggie sausage, vegan bacon, tempeh bacon, jackfruit, water chestnut,
 nutmeg, doughnut peach, ginger beer, root beer, ginger ale, non-alcoholic beer, non-alcoholic wine,
 alcohol wipe, rubbing alcohol, wine vinegar, rice wine vinegar, red wine vinegar, white wine vinegar,
 cider vinegar, apple cider vinegar, decaf coffee, decaffeinated coffee, coffee table, crab apple, gin rummy,
 vegetable stock, sugar snap pea, sugar snap, fish tank, nut job, nuts and bolts, egg timer, vegan meatball,
 easter egg, butter knife, piece of cake, ham radio, blood sugar, vegan pizza, lamb's lettuce, cream blush,
 egg substitute, egg replacer, fish oil burner, meat substitute, meat alternative, milk alternative,
 milk substitute, meat thermometer, chicken of the woods, star fish, fish hook, fish pond, meat-free, bread knife, butterfly, milky way, cheesecloth, pumpkin pie spice
 | 椰奶, 椰浆, 米浆, 植物奶, 植物肉, 素肉, 素鸡, 米粉, 米线, 粉丝, 河粉, 木薯粉, 奶奶, 笨蛋, 木鱼, 金鱼, 鱼缸, 鳄鱼, 鲸鱼, 美人鱼, 热带鱼, 观赏鱼, 摸鱼, 钓鱼, 鱼竿, 双鱼座, 鱼塘, 养鱼, 肉桂,
 肌肉, 肉眼, 杏鲍菇, 蚝菇, 血糖, 糖尿病, 低糖, 酒精棉, 酒店, 酒吧, 酒窝, 醋, 素火腿, 果肉, 豆腐皮, 肉体, 完蛋, 捣蛋, 吃鱼肝油,
 鱼尾纹, 乳腺, 奶瓶, 酒红色, 牛油果, 皮肉, 椰肉, 骨肉, 植物黄油, 素奶酪, 无酒精啤酒, 脱因咖啡, 鱼腥草, 糖化, 木糖醇
"""
_MEANT = {
    "nut": ("tree nut", "peanut"), "tree nut": ("tree nut",), "坚果": ("tree nut", "peanut"),
    "dairy": ("milk",), "dairy product": ("milk",), "lactose": ("milk",), "milk": ("milk",),
    "cow milk": ("milk",), "milk protein": ("milk",), "奶": ("milk",), "牛奶": ("milk",),
    "乳糖": ("milk",), "乳制品": ("milk",), "奶制品": ("milk",), "crustacean": ("crustacean",),
    "甲壳类": ("crustacean",), "mollusc": ("mollusc",), "mollusk": ("mollusc",),
    "shellfish": ("crustacean", "mollusc"), "贝类": ("mollusc",), "贝壳类": ("crustacean", "mollusc"),
    "seafood": ("fish", "crustacean", "mollusc"), "海鲜": ("fish", "crustacean", "mollusc"),
    "fish": ("fish",), "鱼": ("fish",), "鱼肉": ("fish",), "egg": ("egg",), "鸡蛋": ("egg",),
    "蛋": ("egg",), "gluten": ("gluten", "wheat"), "麸质": ("gluten", "wheat"),
    "wheat": ("wheat",), "小麦": ("wheat",), "meat": ("meat", "pork"), "肉": ("meat", "pork"),
    "red meat": ("pork",), "pork": ("pork",), "猪肉": ("pork",), "alcohol": ("alcohol",),
    "酒": ("alcohol",), "酒精": ("alcohol",), "caffeine": ("caffeine",), "咖啡因": ("caffeine",),
    "soy": ("soy",), "soya": ("soy",), "soybean": ("soy",), "大豆": ("soy",), "黄豆": ("soy",),
    "sesame": ("sesame",), "芝麻": ("sesame",), "celery": ("celery",), "芹菜": ("celery",),
    "mustard": ("mustard",), "芥末": ("mustard",), "peanut": ("peanut",), "花生": ("peanut",),
    "groundnut": ("peanut",), "penicillin": ("penicillin",), "青霉素": ("penicillin",),
    "sugar": ("sugar",), "糖": ("sugar",), "sulphite": ("sulphite",), "sulfite": ("sulphite",),
    "lupin": ("lupin",), "oat": ("oat",), "燕麦": ("oat",), "aspirin": ("aspirin",),
    "阿司匹林": ("aspirin",), "ibuprofen": ("ibuprofen",), "布洛芬": ("ibuprofen",),
    "latex": ("latex",), "乳胶": ("latex",), "gelatin": ("gelatin",), "honey": ("honey",),
    "蜂蜜": ("honey",), "cilantro": ("cilantro",), "香菜": ("cilantro",), "coriander": ("cilantro",),
}  # fmt: skip
"""Words that mean a whole family to who avoids them. Another name of the table means itself."""
_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "shrimp": ("king prawn", "虾仁", "大虾", "基围虾"), "crab": ("大闸蟹",), "oyster": ("蚝油",),
    "wine": ("红酒",), "crayfish": ("crawfish", "小龙虾"), "clam": ("蛤蜊", "花蛤"),
    "mussel": ("青口", "贻贝"), "scallop": ("扇贝",), "octopus": ("章鱼",), "tuna": ("金枪鱼",),
    "cod": ("鳕鱼",), "lamb": ("mutton",), "pecan": ("碧根果",), "macadamia": ("夏威夷果",),
    "cream": ("奶油",), "bread": ("面包",), "pasta": ("意面",), "rye": ("黑麦",), "barley": ("大麦",),
    "bacon": ("培根",), "ham": ("火腿",), "salmon": ("鲑鱼",), "amoxicillin": ("amoxil",),
    "beef": ("steak", "ribeye", "sirloin", "brisket", "牛排", "牛腩", "肥牛", "和牛"),
    "coffee": ("espresso", "latte", "cappuccino", "拿铁", "浓缩咖啡"),
})  # fmt: skip
"""Things of one family that are kinds, or another name in the other language, of one thing."""
DIETS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "vegan": ("meat", "pork", "fish", "crustacean", "mollusc", "milk", "egg", "honey", "gelatin"),
    "vegetarian": ("meat", "pork", "fish", "crustacean", "mollusc", "gelatin"),
    "pescatarian": ("meat", "pork"),
    "halal": ("pork", "alcohol"),
    "kosher": ("pork", "crustacean", "mollusc"),
    "gluten free": ("gluten", "wheat"),
    "dairy free": ("milk",),
    "alcohol free": ("alcohol",),
    "sugar free": ("sugar",),
})  # fmt: skip
"""What each diet leaves out. Slaughter, utensils and combinations can't be told from a text."""
DIET_NAMES: Mapping[str, str] = MappingProxyType({
    "vegan": "vegan", "plant based": "vegan", "纯素": "vegan", "纯素食": "vegan", "纯素食者": "vegan",
    "vegetarian": "vegetarian", "素": "vegetarian", "素食": "vegetarian", "素食者": "vegetarian",
    "素食主义者": "vegetarian", "吃素": "vegetarian", "pescatarian": "pescatarian", "鱼素": "pescatarian",
    "halal": "halal", "清真": "halal", "kosher": "kosher", "犹太洁食": "kosher",
    "gluten free": "gluten free", "coeliac": "gluten free", "celiac": "gluten free", "无麸质": "gluten free",
    "乳糜泻": "gluten free", "lactose intolerant": "dairy free", "dairy free": "dairy free",
    "乳糖不耐": "dairy free", "乳糖不耐受": "dairy free", "无乳制品": "dairy free", "不吃乳制品": "dairy free",
    "teetotal": "alcohol free", "no alcohol": "alcohol free", "sober": "alcohol free", "不喝酒": "alcohol free",
    "戒酒": "alcohol free", "sugar free": "sugar free", "无糖": "sugar free", "戒糖": "sugar free",
})  # fmt: skip


def plain(name: str) -> str:
    """A name as it is looked up: lower case, singular, hyphens as spaces."""
    return " ".join(singular(w) for w in name.lower().replace("-", " ").split())


def _read() -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    english: dict[str, frozenset[str]] = {}
    chinese: dict[str, frozenset[str]] = {}
    for line in _TABLE.replace("\n ", " ").strip().splitlines():
        head, words = line.split(" = ", 1)
        names = frozenset() if head == "-" else frozenset(head.split("+"))
        latin, han = words.split("|")
        for table, text in ((english, latin), (chinese, han)):
            for word in filter(None, (w.strip() for w in text.split(","))):
                key = plain(word)
                table[key] = table.get(key, frozenset()) | names
    return MappingProxyType(english), MappingProxyType(chinese)


ENGLISH, CHINESE = _read()
"""Names of ingredients, each with its families; none for what only sounds like one."""


@dataclass(frozen=True, slots=True)
class Avoided:
    """What a person means by what they avoid: whole families, or names of single things."""

    families: frozenset[str]
    names: frozenset[str] = frozenset()

    def covers(self, name: str, families: frozenset[str]) -> str:
        """The family or thing by which a name of the table is meant; "" where it isn't."""
        if shared := self.families & families:
            return min(shared)
        if families:
            words = name.split()
            for each in self.names:
                if each in words or each == name or (not each.isascii() and each in name):
                    return each
        return ""


def avoided(value: str) -> Avoided | None:
    """What is meant by a value such as "shellfish" or "虾"; None where the table knows nothing."""
    key = plain(value)
    if key in _MEANT:
        return Avoided(frozenset(_MEANT[key]))
    if not ENGLISH.get(key) and not CHINESE.get(key):
        return None
    every = frozenset((key, *names(value)))
    for one, kinds in _KINDS.items():
        if one in every:
            every |= frozenset(kinds)
        elif key in kinds and key.isascii() != one.isascii():
            every |= frozenset(n for n in names(one) if not n.isascii())
    return Avoided(frozenset(), every)


_CLASSES = words("seafood shellfish crustacean mollusc mollusk meat dairy nut alcohol")
"""Names of families that people say and mean whatever belongs to them."""


def includes(wide: str, narrow: str, *, allergen: bool = False) -> bool:
    """Whether a name is one of a family or thing that `wide` names: shrimp is seafood.

    Args:
        allergen: whether `wide` is meant as an allergy means it: milk and whatever is made of it.
    """
    key = plain(narrow)
    families = ENGLISH.get(key) or CHINESE.get(key)
    if not families or not (allergen or sense(wide) in _CLASSES):
        return False
    meant = avoided(wide)
    return meant is not None and bool(meant.covers(key, families))
