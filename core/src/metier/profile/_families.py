"""Families of concepts, by which a question finds a fact that shares no word with it.

"Where should we eat in Rome?" is about food, and so is "no gluten". The table is
of our own making: everyday areas of life with the common words of each in
English (in the singular) and Chinese. A word may belong to several. It widens
what is found and decides nothing alone: rarer shared words, vectors where there
are any, and confidence count beside it.
"""

# ruff: noqa: E501  (a table; a Han character counts as two)

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_TABLE = """
food: eat eating ate food dish meal cook cooking cooked chef cuisine recipe restaurant cafe diner
 bistro eatery buffet dinner dine dining lunch breakfast brunch snack menu diet taste flavor flavour
 spicy spice vegetarian vegan halal kosher meat beef pork lamb chicken turkey fish seafood shellfish
 shrimp prawn crab lobster oyster sushi gluten wheat dairy cheese milk butter cream lactose egg nut
 peanut almond soy tofu bread bakery bake baking pasta pizza rice noodle soup salad dessert sweet
 cake chocolate sugar fruit vegetable mushroom tomato onion garlic cilantro ingredient grocery
 organic fried grilled steak burger curry sauce kitchen calorie nutrition protein carb hungry
 delicacy portion street tasting culinary foodie allergy allergic intolerant intolerance
 |吃 饮食 食物 美食 菜 餐 饭 餐厅 餐馆 做饭 烹饪 菜谱 早餐 午餐 晚餐 零食 口味 辣 素食 清真 肉 牛肉 猪肉
 鸡肉 鱼 海鲜 虾 蟹 麸质 乳制品 奶 蛋 坚果 花生 面包 面条 米饭 汤 甜 蛋糕 巧克力 糖 水果 蔬菜 食材 火锅 外卖
 小吃 忌口 过敏 香菜 营养
drink: drink drinking beverage coffee espresso tea beer wine cocktail alcohol alcoholic whisky
 whiskey vodka juice soda bar pub brewery winery caffeine water smoothie sober nightlife
 |喝 饮料 咖啡 茶 酒 啤酒 红酒 白酒 果汁 酒吧 奶茶 咖啡因 戒酒
health: health healthy doctor hospital clinic medicine medication drug pill tablet symptom pain ache
 disease illness sick ill condition diabetes diabetic asthma allergy allergic pregnant pregnancy
 injury injured surgery therapy therapist blood heart pressure cholesterol headache migraine sleep
 insomnia anxiety depression stress mental wellness vitamin supplement dose treatment vaccine dental
 dentist eye vision back knee joint arthritis fever cold flu cough antibiotic painkiller disability
 wheelchair
 |健康 医生 医院 药 症状 疼 痛 病 糖尿病 哮喘 过敏 怀孕 受伤 手术 治疗 血压 血糖 心脏 头痛 失眠 睡眠 焦虑
 抑郁 压力 维生素 疫苗 牙 感冒 发烧 咳嗽 抗生素 止痛 用药 残疾 轮椅 体检
fitness: fitness exercise exercising workout gym train training trainer run running jog jogging
 marathon yoga pilates swim swimming cycling bike lift lifting weight weightlifting strength cardio
 muscle stretch stretching sport athletic routine class crossfit hiit aerobic walk walking hike
 dance dancing boxing climb climbing shape toning flexibility endurance treadmill equipment core
 outdoor
 |健身 锻炼 运动 跑步 马拉松 瑜伽 普拉提 游泳 骑车 举重 力量 有氧 肌肉 拉伸 减肥 塑形 散步 徒步 跳舞 拳击
sport: sport team match game league player football soccer basketball baseball tennis golf hockey
 cricket rugby volleyball badminton race racing olympic tournament championship fan stadium coach
 esport ski skiing snowboard surf surfing martial wrestling athlete score
 |体育 球队 比赛 联赛 球员 足球 篮球 棒球 网球 高尔夫 冰球 排球 羽毛球 乒乓球 奥运 冠军 滑雪 冲浪 武术
screen: movie film cinema show series tv television episode season watch watching stream streaming
 netflix documentary drama comedy thriller horror romance romantic sitcom anime animated animation
 cartoon actor actress director plot character genre sci-fi fantasy superhero subtitle dubbed reality
 binge scene violence violent gore suspense mystery crime musical trailer viewer sequel remake
 blockbuster cliffhanger supernatural zombie
 |电影 影片 影院 剧 电视 剧集 追剧 看片 综艺 纪录片 喜剧 悬疑 恐怖 爱情片 动漫 动画 演员 导演 情节 科幻 字幕
game: game gaming gamer video console pc playstation xbox nintendo switch rpg mmorpg mmo shooter
 strategy puzzle multiplayer single-player player play playing level quest board card chess vr
 simulation simulator sandbox indie mobile controller esport open-world turn-based microtransaction
 dlc graphic pixel platformer role-playing fps stealth combat dungeon virtual
 |游戏 主机 手游 网游 单机 联机 射击 策略 解谜 角色扮演 桌游 卡牌 象棋 围棋 玩家 关卡
book: book read reading reader novel author literature fiction nonfiction story poem poetry biography
 memoir library magazine audiobook ebook comic manga writer chapter bookstore
 |书 阅读 看书 读书 小说 作者 文学 故事 诗 传记 图书 杂志 有声书 漫画
music: music song album band singer concert playlist artist jazz rock pop classical hip-hop rap metal
 country guitar piano violin drum instrument listen listening melody lyric opera orchestra festival dj
 vinyl podcast
 |音乐 歌 专辑 乐队 歌手 演唱会 歌单 爵士 摇滚 流行 古典 说唱 吉他 钢琴 小提琴 乐器 听歌 歌词 歌剧 播客
art: art museum gallery painting paint draw drawing sculpture exhibition theater theatre ballet craft
 photography photo photograph creative design pottery knit knitting sew sewing diy hobby
 |艺术 博物馆 画廊 画 绘画 雕塑 展览 戏剧 话剧 芭蕾 手工 摄影 拍照 设计 陶艺 编织 爱好
clothes: clothes clothing wear wearing outfit fashion fashionable style stylish dress shirt t-shirt
 blouse pants trousers jean skirt jacket coat sweater suit shoe sneaker boot heel sandal bag handbag
 purse accessory jewelry necklace earring ring watch hat scarf belt wardrobe fabric cotton wool silk
 leather linen fur synthetic polyester pattern color colour brand designer tailored formal casual
 summer winter spring fall autumn wedding attire garment size fit vintage secondhand thrift trend
 trendy sunglasses underwear sock gown lace
 |衣服 穿 服装 时尚 裙 衬衫 裤 牛仔 外套 大衣 毛衣 西装 鞋 靴 高跟 包 首饰 项链 耳环 戒指 帽 围巾 皮带 面料
 棉 羊毛 丝 皮革 款式 颜色 品牌 正装 休闲 穿搭
beauty: beauty skin skincare makeup cosmetic hair haircare shampoo conditioner salon haircut hairstyle
 lotion moisturizer serum cleanser sunscreen foundation lipstick mascara eyeliner eyeshadow perfume
 fragrance scent nail manicure spa facial acne wrinkle cream product cruelty-free natural organic
 oily dry sensitive dye curly frizzy exfoliate toner face lip lash brow glow complexion grooming
 shave shaving beard deodorant tattoo anti-aging retinol paraben sulfate silicone body
 |美容 皮肤 护肤 化妆 头发 洗发 护发 美发 发型 乳液 保湿 精华 洁面 防晒 粉底 口红 睫毛 眼影 香水 指甲 美甲
 痘 皱纹 面霜 敏感肌 油性 干性 染发 刮胡
pet: pet dog puppy cat kitten bird parrot fish aquarium hamster rabbit guinea reptile snake lizard
 turtle horse breed breeder shelter adopt adoption rescue vet veterinarian leash litter groom grooming
 animal companion fur shed shedding bark barking hypoallergenic walk cage tank exotic rodent feline
 canine toy kennel
 |宠物 狗 犬 猫 鸟 鹦鹉 鱼缸 仓鼠 兔 爬行 蛇 蜥蜴 乌龟 品种 领养 收养 兽医 遛狗 掉毛 猫砂
travel: travel traveling traveler trip vacation holiday journey tour tourist visit visiting destination
 itinerary sightseeing explore explorer abroad country city town island beach mountain flight fly
 passport visa luggage backpack backpacking cruise resort hotel hostel camp camping hike hiking
 adventure landmark attraction activity excursion getaway road national park guide local cultural
 culture europe asia africa america paris london rome tokyo bali italy france japan thailand spain
 china mexico india honeymoon safari museum crowd crowded tropical snorkeling diving scuba
 |旅行 旅游 出行 度假 景点 行程 目的地 出国 国外 海滩 海边 海岛 爬山 飞机 护照 签证 行李 背包 邮轮 酒店
 民宿 露营 徒步 探险 名胜 自驾 跟团 导游 欧洲 日本 泰国 巴黎 北京 上海 三亚 云南 西藏
lodging: hotel hostel accommodation stay staying room suite airbnb resort inn lodge motel bed booking
 book amenity pool lobby check-in rental villa guesthouse apartment reservation boutique
 |酒店 宾馆 住宿 民宿 房间 客房 旅馆 青旅 订房 泳池 公寓 度假村
transport: transport transportation train bus subway metro taxi uber flight fly flying airline airport
 plane ferry boat cruise drive driving commute ride bicycle bike scooter ticket seat window aisle
 station route layover rail public car luggage legroom
 |交通 火车 高铁 动车 公交 地铁 出租车 打车 航班 飞机 机场 轮船 开车 通勤 自行车 电动车 车票 座位 靠窗 转机
car: car vehicle auto automobile suv sedan truck pickup van minivan motorcycle motorbike electric
 hybrid ev gasoline diesel fuel engine mileage mpg driver drive driving dealer dealership toyota honda
 ford tesla bmw mercedes audi transmission manual automatic tire wheel seat trunk cargo convertible
 coupe hatchback horsepower emission model lease leasing towing offroad off-road crossover family
 luxury feature
 |汽车 车 轿车 越野 卡车 皮卡 面包车 摩托 电动车 混动 汽油 柴油 油耗 发动机 驾驶 开车 试驾 经销商 变速 轮胎
 后备箱 车型
tech: phone smartphone laptop computer tablet pc mac apple iphone ipad android windows google microsoft
 samsung app software hardware device gadget electronic technology headphone earbud camera monitor
 keyboard mouse printer router wifi internet battery screen smartwatch speaker smart privacy cloud
 data program programming code coding developer linux operating system upgrade storage bluetooth
 wireless
 |手机 电脑 笔记本 平板 苹果 安卓 软件 硬件 设备 数码 科技 耳机 相机 显示器 键盘 鼠标 打印机 路由器 网络 电池
 屏幕 手表 音箱 智能 隐私 云 编程 代码 程序 系统 升级
home: home house apartment flat furniture sofa couch bed mattress table chair desk lamp lighting decor
 decorate decoration interior kitchen bathroom bedroom living room curtain rug carpet appliance fridge
 washer vacuum cleaning clean garden gardening plant lawn paint wall storage shelf renovate renovation
 rent landlord mortgage roommate minimalist wood wooden smart tool bedding pillow cookware
 |家 房子 公寓 家具 沙发 床 床垫 桌 椅 灯 装修 装饰 厨房 浴室 卧室 客厅 窗帘 地毯 家电 冰箱 洗衣机 吸尘器
 打扫 花园 园艺 植物 墙 收纳 租房 房东 房贷 室友
shopping: shop shopping store buy buying purchase brand price cheap expensive budget discount sale
 deal online gift order delivery return refund shipping product mall recommend recommendation market
 quality coupon sustainable eco-friendly ethical secondhand
 |买 购物 商店 网购 品牌 价格 便宜 贵 预算 打折 优惠 礼物 订单 快递 退货 退款 商场 质量 性价比 环保
money: money budget invest investing investment stock bond bank banking saving save loan credit debt
 tax income salary insurance retirement pension mortgage finance financial fund spend spending cost
 crypto card account
 |钱 预算 投资 股票 基金 银行 储蓄 贷款 信用卡 债 税 收入 工资 保险 养老金 理财 花费 账户
work: work working job career office company employer employee boss manager colleague coworker
 interview resume cv profession professional business meeting project remote freelance startup
 industry promotion salary schedule hour team leadership workplace corporate client commute
 environment networking shift workload position role internship
 |工作 职业 上班 公司 办公室 老板 经理 同事 面试 简历 职场 会议 项目 远程 自由职业 创业 行业 升职 加班 团队
 客户 实习 岗位
learning: learn learning study studying student school college university course class classroom lecture
 lesson tutor tutoring teacher professor teach teaching education educational exam test quiz homework
 assignment textbook note math mathematics algebra geometry calculus physics chemistry biology science
 history language grammar vocabulary essay write writing degree online video visual hands-on flashcard
 workshop skill practice subject topic concept understand understanding material resource tutorial
 lecture group self-paced interactive research certificate training master memorize method programming
 improve
 |学 学习 学生 学校 大学 课程 上课 讲座 辅导 老师 教授 教学 教育 考试 测验 作业 课本 笔记 数学 代数 几何 微积分
 物理 化学 生物 科学 历史 语言 语法 词汇 作文 写作 学位 网课 练习 复习 备考 年级 高考 考研 论文
writing: write writing writer essay article blog email letter report draft edit editing grammar tone
 style sentence paragraph word spelling proofread thesis manuscript
 |写 写作 文章 作文 博客 邮件 信 报告 草稿 修改 语法 语气 风格 句子 段落 论文
language: language english chinese mandarin french spanish german japanese korean translate translation
 accent pronunciation bilingual fluent speak speaking
 |语言 英语 英文 中文 普通话 法语 西班牙语 德语 日语 韩语 翻译 口音 发音
family: family parent mother father mom dad child children kid son daughter baby toddler husband wife
 spouse partner brother sister sibling grandmother grandfather grandparent cousin aunt uncle marriage
 married wedding divorce birthday
 |家人 父母 妈 爸 母亲 父亲 孩子 儿子 女儿 宝宝 丈夫 妻子 老公 老婆 哥哥 姐姐 弟弟 妹妹 奶奶 爷爷 外婆 外公
 结婚 婚礼 离婚 生日
social: friend friendship party social gathering event date dating relationship conversation community
 club group meet people introvert extrovert volunteer neighbor lonely celebrate celebration host guest
 gift
 |朋友 聚会 社交 活动 约会 恋爱 聊天 社区 俱乐部 志愿 邻居 孤独 庆祝 内向 外向
nature: nature outdoor park garden forest lake river mountain beach ocean sea wildlife animal plant
 weather hot cold rain snow sun sunny climate environment environmental sustainable eco-friendly
 recycle green season hiking camping
 |自然 户外 公园 花园 森林 湖 河 山 海 野生 动物 植物 天气 热 冷 雨 雪 阳光 气候 环保 可持续
mind: meditation meditate mindfulness relax relaxing relaxation calm spiritual religion religious church
 prayer faith philosophy therapy journal mood happy sad stress motivation habit
 |冥想 正念 放松 平静 宗教 信仰 教堂 祈祷 哲学 心理 日记 心情 压力 动力 习惯
news: news politics political government law legal election history economy world policy vote
 |新闻 政治 政府 法律 选举 经济 政策 历史
kids: child children kid baby toddler family-friendly school playground toy parent parenting
 |孩子 儿童 宝宝 亲子 幼儿 玩具 育儿
"""
_SLOTS = {
    "allergy": ("food", "health"), "intolerance": ("food", "health"), "diet": ("food",),
    "medicine": ("health",), "condition": ("health",), "symptom": ("health",),
    "level": ("learning",), "goal": ("learning",), "job": ("work",), "employer": ("work",),
    "home": ("home", "travel"), "pet": ("pet",), "answer_language": ("language",),
}  # fmt: skip


def _read() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    english: dict[str, tuple[str, ...]] = {}
    chinese: dict[str, tuple[str, ...]] = {}
    joined = _TABLE.replace("\n ", " ")
    for line in joined.strip().splitlines():
        name, words = line.split(":", 1)
        latin, han = words.split("|")
        for table, text in ((english, latin), (chinese, han)):
            for word in text.split():
                table[word] = tuple(dict.fromkeys((*table.get(word, ()), name)))
    return MappingProxyType(english), MappingProxyType(chinese)


_ENGLISH, _CHINESE = _read()
_LONGEST = max(map(len, _CHINESE))


def families(words: Iterable[str], text: str, slot: str = "") -> dict[str, float]:
    """The families that a text belongs to, with how many of its words point there.

    A word of several families counts for each in part.

    Args:
        words: of the text, in the singular and lower case.
        text: the text in simplified characters, for what is written without spaces.
        slot: of a fact, if it is one.
    """
    found: dict[str, float] = {}
    hits = [_ENGLISH[w] for w in words if w in _ENGLISH]
    hits += [_CHINESE[w] for w in _han(text)]
    for names in (*hits, _SLOTS.get(slot, ())):
        for name in names:
            found[name] = found.get(name, 0.0) + 1 / len(names) ** 0.5
    return found


def _han(text: str) -> set[str]:
    if text.isascii():
        return set()
    ends = range(1, _LONGEST + 1)
    return {text[i : i + n] for i in range(len(text)) for n in ends} & _CHINESE.keys()
