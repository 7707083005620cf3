"""Chinese surnames and ordinary words that look like names.

Everything is general knowledge, in simplified characters.
"""

from __future__ import annotations

from metier.encoder import traditional
from metier.privacy.recognizers._wordlist import word_set

_SURNAME_TIERS = (
    # By how many bear them. A cost is the negative natural logarithm of the
    # share of the population, times ten.
    (26, "王李张"),
    (31, "刘陈杨"),
    (39, "黄赵吴周"),
    (44, "徐孙马朱胡郭何林罗高"),
    (50, "郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘于蒋蔡"),
    (
        57,
        "余杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆汪范金石廖韦贾夏付方白邹孟熊秦邱"
        "江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵萧阎傅万钱严覃武戴莫孔向汤",
    ),
    (
        70,
        "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳"
        "甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管"
        "柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦"
        "戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙"
        "荣巫寇桑郎甄丛仲虞敖巩明池查麻苑迟邝官封谈匡鞠惠荆乐冀郁储原栗燕楚"
        "鄢劳谌奚皮粟冼蔺楼盘闻伊区郜阚权屠朴练廉井祖巴支平计索宣晋相容芮洪赖常",
    ),
    (
        88,
        "都浦戈鹿邸雍乌裘邰赫杭宿逯隆茹嵇公湛宾戎茅於奉英励牧谯扬佴沃苍濮"
        "扶仉郗郇郐漆扈亓晁禹国狄敬云暴贝慕琴耶暨弘通蒯郏郦郄仵伏佘位厉桓花"
        "蹇蔚羿翦禄习强帅亢凤檀苻那揭干木胥卿辜智战",
    ),
)

SURNAME_COST: dict[str, int] = {
    character: cost for cost, characters in reversed(_SURNAME_TIERS) for character in characters
}
"""Surnames of one character, each with its cost."""

_GRAMMATICAL = (
    "向于应时全都那连单管解查成任何曾计索封谈付包尚项关常习顾路左高明强经相从公揭由"
    "祝奉容干战能扶都宿终便敬利相支储官宣通印班和耶贝"
)
_ORDINARY_WORDS = (
    "方白金石江万安齐易华平云乐游车阳温牛兰简古农商花南常祖原井粟苗盛康雷水党钱文马黄毛章"
    "边房门米皮巴丰木国柴满沙宫冷童耿雍麻戴汤姜叶段熊陶史莫许谢龙"
)
AMBIGUOUS_SURNAMES: dict[str, int] = {
    **dict.fromkeys(_ORDINARY_WORDS, 18),
    **dict.fromkeys(_GRAMMATICAL, 35),
}
"""Surnames that are more often an ordinary word, each with a further cost."""

COMPOUND_SURNAMES = word_set("""
欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 独孤 南宫 西门 长孙 宇文 轩辕
司空 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 拓跋 百里 东郭 南门 呼延 羊舌
微生 左丘 公羊 第五 纳兰 完颜 爱新觉罗 赫连 耶律 叶赫 欧陽 諸葛 尉遲 公孫 慕容 令狐 獨孤 南宮 西門
長孫 軒轅 鍾離 東方
""")

SURNAMES = frozenset(SURNAME_COST) | traditional(SURNAME_COST)
"""Surnames of one character, in simplified and traditional characters."""

ORDINARY = word_set("""
明天 明年 明白 明显 明确 今天 今年 昨天 国家 文章 文化 文学 文字 生病 生活 生日 生气 学习 学校
学生 成绩 成功 成为 成长 可以 可能 可爱 喜欢 爱好 爱人 家里 家人 家庭 小学 小时 小心 天气 天天
晚上 早上 中午 中国 中学 中文 中医 长大 长期 方法 方面 方便 正在 正好 正常 直接 新的 美好 美丽
美国 力量 健康 健身 安全 安静 安排 平时 平常 平均 高中 高兴 信息 信任 心里 心情 发现 发展 发生
发烧 海边 海外 书法 书包 艺术 音乐 月份 新年 春天 夏天 秋天 冬天 东西 东方 南方 北方 西方 前天
前面 子女 子弟 立刻 立即 一起 一样 一下 一直 一个 一些 一次 一定 进步 进来 进去 克服 思考 思想
继续 智慧 聪明 美食 作业 作文 作者 作品 信用 容易 政府 教授 教育 情况 情绪 存在 经常 好友 朋友
增加 培训 修改 修理 才能 先生 女士 小姐 老师 医生 同学 海洋 光明 光荣 和平 红色 春节 国庆 永远
""")
"""Words that may be a given name too, but that mean something else when they stand alone."""
