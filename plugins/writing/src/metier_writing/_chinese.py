"""Chinese: wrong characters, 的地得, punctuation."""

from __future__ import annotations

from metier_writing._rules import Rule, rule

# Wrong word -> right word. None of the wrong ones occurs within other words; those that do have a rule below.
_WRONG = """
既使 即使|必竟 毕竟|即然 既然|按排 安排|按装 安装|渡假 度假|欢渡 欢度|松驰 松弛|幅射 辐射|复盖 覆盖|辨公 办公|报歉 抱歉|竟争 竞争|竞然 竟然
急燥 急躁|烦燥 烦躁|干躁 干燥|和霭 和蔼|冷寞 冷漠|脉博 脉搏|迷团 谜团|清彻 清澈|气慨 气概|粗旷 粗犷|决窍 诀窍|峻工 竣工|连棉 连绵|针贬 针砭
坐阵 坐镇|弦律 旋律|精萃 精粹|好象 好像|座落 坐落|做为一 作为一|登陆网站 登录网站|登陆账号 登录账号|登陆系统 登录系统|重迭 重叠
再接再励 再接再厉|在接再厉 再接再厉|在接再励 再接再厉|一愁莫展 一筹莫展|迫不急待 迫不及待|走头无路 走投无路|不径而走 不胫而走|穿流不息 川流不息
重蹈复辙 重蹈覆辙|出奇不意 出其不意|甘败下风 甘拜下风|汗流夹背 汗流浃背|既往不究 既往不咎|坚苦奋斗 艰苦奋斗|娇揉造作 矫揉造作|老俩口 老两口
留恋忘返 流连忘返|名列前矛 名列前茅|莫明其妙 莫名其妙|沤心沥血 呕心沥血|前扑后继 前仆后继|情不自尽 情不自禁|全神惯注 全神贯注|融汇贯通 融会贯通
如火如茶 如火如荼|声名雀起 声名鹊起|世外桃园 世外桃源|谈笑风声 谈笑风生|提纲携领 提纲挈领|天翻地复 天翻地覆|挺而走险 铤而走险|无精打彩 无精打采
心无旁鹜 心无旁骛|严惩不待 严惩不贷|一泄千里 一泻千里|一如继往 一如既往|以逸代劳 以逸待劳|义气用事 意气用事|座右名 座右铭
鬼计多端 诡计多端|黄梁美梦 黄粱美梦|草管人命 草菅人命|不加思索 不假思索|变本加利 变本加厉|病入膏盲 病入膏肓|相形见拙 相形见绌|言简意该 言简意赅
自抱自弃 自暴自弃|一股作气 一鼓作气|按步就班 按部就班|滥芋充数 滥竽充数|默守成规 墨守成规|震撼人心弦 震撼人心|哀声叹气 唉声叹气|拔打电话 拨打电话
"""
_PAIRS = tuple(entry.split() for entry in _WRONG.replace("\n", "|").split("|") if entry.strip())

_HOW = (
    "认真|仔细|慢慢|轻轻|渐渐|悄悄|高兴|努力|快速|迅速|安静|大声|小声|开心|愉快|积极|主动|热情|耐心|细心|小心|不停|不断|静静|默默|匆匆"
    "|激动|兴奋|难过|伤心|生气|着急|焦急|紧张|勇敢|坚定|严肃|亲切|温柔|礼貌|自觉|顺利|成功|准时|按时|及时|深深|紧紧|牢牢|偷偷|急忙|飞快|拼命"
    "|不假思索|目不转睛|毫不犹豫|小心翼翼|兴高采烈|聚精会神|迫不及待|一丝不苟|津津有味|自言自语|恋恋不舍|全神贯注|异口同声|情不自禁|源源不断|气喘吁吁"
)
_ACTS = (
    "说道?|看着|看了看|走|跑|坐|站|拿|吃|喝|听着|听完|写着|写完|写下|写道|读着|读完|问道|问我|问他|问她|答道|回答|告诉|离开|回家|跳|笑着|笑了|哭了|哭着"
    "|喊道?|叫道|点头|摇头|等着|等待|看了|做完|做着|完成|走来|走去|走进|走出|来到|打开|关上|放下|拿起|抬起|举起|解决|通过|参加|帮助|想了想|想着|跟着|练习着|学习着"
    "|准备着|工作着|检查了|检查着|讨论着|讨论了|学习了|工作了|准备了|练习了|成长|流下|在学习|在工作|在准备|在练习|在听|在看|在写|在做|在等|喝完|吃完|跑来|跑去|跑过|飞"
)
_RUNS = "跑|走|飞|睡|笑|哭|跳|游|累"
_DEGREE = "很|非常|特别|更|太|真快|真好|真慢|十分|挺|飞快|那么|这么|满头|浑身|要命|要死|不得了"

CHINESE: tuple[Rule, ...] = (
    *(
        rule(f"错字.{right}", wrong, right, f"Wrong character: the word is {right}.", f"应为“{right}”。", language="zh")
        for wrong, right in _PAIRS
    ),
    rule("错字.已经", "(?<![可得足加予难借用赖])以经(?![济营典验费过常纪理贸脉络书学历受度纬销办商由])", "已经", "Wrong character: the word is 已经.", "应为“已经”。", language="zh"),
    rule("错字.应该", "(?<![原成起病诱基死])因该(?=是|会|要|说|能|有|去|可以|不|怎|如何|先|多学|知道|早)", "应该", "Wrong character: the word is 应该.", "应为“应该”。", language="zh"),
    rule("错字.哪怕", "(?:(?<=^)|(?<=[，。；！？\n]))那怕(?!是)", "哪怕", "“哪怕” means “even if”.", "表示“即使”用“哪怕”。", language="zh"),
    rule("错字.再", "(?<=[就别不想])在(?=(?:改|犯|提|谈|试|等|买|问|做|说|来|去|看|写)(?:了|一|吧|$|[，。！]))", "再", "“再” means “again”; “在” is a place or goes on.", "表示重复用“再”，“在”表示处所或进行。", language="zh"),
    rule("错字.再", "(?<![现存正实所人])在(?=也(?:不|没|别|无))", "再", "“再也不” means “never again”.", "“再也不”用“再”。", language="zh"),
    rule("错字.再", "(?<![存现正实所])在(?=(?:说|做|看|读|写|听|试|想|来|讲|念|问|检查|考虑)(?:一[遍次下回]|几[遍次]))", "再", "“再” means “again”.", "表示重复用“再”。", language="zh"),
    rule("错字.们", "(?<=[我你他她它咱])门(?![口铃框窗前外槛把票牌缝锁板])", "们", "The plural of persons is 们.", "表示人的复数用“们”。", language="zh"),
    rule("错字.绝对", "决对(?!策|定)", "绝对", "Wrong character: the word is 绝对.", "应为“绝对”。", language="zh"),
    rule("错字.玩", "完(?=(?:游戏|手机|电脑|具|球|滑梯))", "玩", "“玩” means to play; “完” means done.", "“玩耍”的“玩”，“完”是“完成”。", language="zh"),
    rule("错字.在", "(?<=[我你他她们])再(?=(?:家|学校|公司|教室|图书馆|办公室)(?:里|写|做|看|等|吃|睡|上课|工作))", "在", "“在” is a place; “再” means again.", "表示处所用“在”。", language="zh"),
    rule("错字.账", "帐(?=[户号单目])", "账", "For money and accounts, 账 is the usual character.", "表示钱款、账目，现在一般写“账”。", hint=True, language="zh"),
    rule("错字.再次", "(?<![存现正实内外所就])在次(?![序要数级日品元年月轮席位子生贷])", "再次", "“再次” means “once more”.", "表示又一次用“再次”。", language="zh"),
    rule("错字.再见", "(?<![存现正实])在见(?=[，。！]|$)", "再见", "The word is 再见.", "应为“再见”。", language="zh"),
    rule("错字.玩", "((?:去|来|到|在)(?:公园|海边|外面|学校|操场|家里))完(?=[，。！,]|$)", r"\1玩", "“玩” means to play; “完” means done.", "“玩耍”的“玩”，“完”是“完成”。", language="zh"),
    rule("的地", f"((?:{_HOW})(?:{_HOW})?)的(?=(?:{_ACTS})(?![法者众容声题廊作本话书态]))", r"\1地", "“地” stands before a verb and says how.", "动词前表示怎样做，用“地”。", language="zh"),
    rule("的得", f"(?<![\u4e00-\u9fff]的)({_RUNS})的(?=(?:{_DEGREE})[^的，。！？]{{0,6}}(?:[，。！？；]|$))", r"\1得", "“得” stands after a verb and says how well or how much.", "动词后补充程度或结果，用“得”。", language="zh"),
    rule("的得", "(玩)的(?=(?:很|非常|特别|更|太|真|十分|挺|可|好|超)?(?:开心|高兴|愉快|尽兴|痛快|过瘾|起劲))", r"\1得", "“得” stands after a verb and says how well or how much.", "动词后补充程度或结果，用“得”。", language="zh"),
    rule("的得", "(热|冷|累|疼|困|忙|饿|渴|吓|急)的(?=要命|要死|不得了|不行了?(?:[，。！]|$)|说不出话)", r"\1得", "“得” stands before what it leads to.", "补充程度或结果用“得”。", language="zh"),
    rule("的得", f"([雨雪]下|风刮|天黑)的(?=(?:{_DEGREE})[^的，。！？]{{0,6}}(?:[，。！？；]|$))", r"\1得", "“得” stands after a verb and says how well or how much.", "动词后补充程度或结果，用“得”。", language="zh"),
    rule("的得", f"(说话说|跑步跑|唱歌唱|写字写|做饭做|读书读|走路走|考试考|打球打|弹琴弹|游泳游|跳舞跳|画画画)的(?=(?:{_DEGREE})[^的，。！？]{{0,6}}(?:[，。！？；]|$))", r"\1得", "“得” stands after a verb and says how well or how much.", "动词后补充程度或结果，用“得”。", language="zh"),
    rule("的得可能", "(?<=[\u4e00-\u9fff])(?:说|写|做|学|唱|吃|干|画|讲|考|做饭做)的(?=(?:很|非常|特别|更|太|真|十分|挺)[^的，。！？]{1,4}(?:[，。！？；]|$))", lambda m: m[0][:-1] + "得", "“得”, if you say how it is done; “的” means “what is …”.", "说明做得怎么样用“得”；“……的”指所说、所做的内容。", hint=True, language="zh"),
    # punctuation
    rule("省略号", "(?<=[\u4e00-\u9fff])(?:\\.{3,}|。{3,}|…(?!…))", "……", "The Chinese ellipsis is six dots.", "省略号是六个点“……”。", language="zh"),
    rule("半角逗号", "(?<=[\u4e00-\u9fff\u201d》）]),\\s*(?=[\u4e00-\u9fff\u201c《（])|(?<=[\u4e00-\u9fff]),(?=\\s*[A-Za-z0-9])|(?<=[A-Za-z]),\\s*(?=[\u4e00-\u9fff])", "，", "Chinese text takes the full-width comma.", "中文用全角逗号。", language="zh"),
    rule("半角问号", "(?<=[\u4e00-\u9fff])\\?", "？", "Chinese text takes the full-width question mark.", "中文用全角问号。", language="zh"),
    rule("半角叹号", "(?<=[\u4e00-\u9fff])!", "！", "Chinese text takes the full-width exclamation mark.", "中文用全角叹号。", language="zh"),
    rule("半角分号", "(?<=[\u4e00-\u9fff]);\\s*(?=[\u4e00-\u9fff])", "；", "Chinese text takes the full-width semicolon.", "中文用全角分号。", language="zh"),
    rule("半角冒号", "(?<=[\u4e00-\u9fff]):\\s*(?=[\u4e00-\u9fff])", "：", "Chinese text takes the full-width colon.", "中文用全角冒号。", language="zh"),
    rule("半角句号", "(?<=[\u4e00-\u9fff])\\.(?=\\s|$)|(?<=[了吗呢吧啊])\\.(?=[\u4e00-\u9fff])", "。", "A Chinese sentence ends with “。”.", "中文句末用“。”。", language="zh"),
    rule("半角括号", "\\((?=[^()]*[\u4e00-\u9fff])([^()\n]{1,60})\\)", r"（\1）", "Chinese text takes full-width brackets.", "中文用全角括号。", language="zh"),
    rule("重复标点", "([，。；：、])\\1+", r"\1", "The mark is doubled.", "标点重复。", language="zh"),
    rule("叹号连用", "！{2,}", "！", "One exclamation mark is enough.", "叹号不连用。", language="zh"),
    rule("标点前空格", "(?<=[\u4e00-\u9fff])[ \t]+(?=[，。；：、？！])", "", "No space before a mark.", "标点前不加空格。", language="zh"),
    # for the author to decide
    rule("一逗到底", "(?:(?<=^)|(?<=[。！？；\n]))(?:[^，。！？；\n]{2,60}，){6,}[^，。！？；\n]{2,60}", lambda m: m[0], "One sentence with many commas: consider full stops.", "一句里逗号很多，可以考虑用句号断开。", hint=True, language="zh"),
    rule("主语残缺", "(?:(?<=^)|(?<=[。！？\n]))(?:通过|经过)[^，。]{2,25}，(?:使|让)", lambda m: m[0], "The sentence has no subject: take out 通过 or 使.", "缺主语：去掉“通过”或“使”。", hint=True, language="zh"),
    rule("双重否定", "防止[^，。]{0,12}(?:不再|不要|不)发生|避免[^，。]{0,12}不(?:再|要)", lambda m: m[0], "Two negatives: which one is meant?", "否定重复，可能与原意相反。", hint=True, language="zh"),
)  # fmt: skip
