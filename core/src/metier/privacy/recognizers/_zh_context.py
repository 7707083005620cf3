"""What stands before and after a Chinese name, and how much it says.

A weight is added to the logarithm of the likelihood of a name, times ten.
"""

from __future__ import annotations

from metier.privacy.recognizers._wordlist import word_set

_NAMED, _TITLED, INTRODUCED, ADDRESSED, _LISTED = 80, 38, 24, 14, 10

_INTRODUCTIONS = word_set("""
我叫 俺叫 我叫做 名叫 叫做 名字叫 名字是 名字: 姓名 姓名: 姓名是 姓名为 名为 全名 全名是 本名 原名
真名 真名是 又名 化名 署名 署名: 签名 签名: 落款 落款: 户名 户名: 姓名" 名字" 大名 名字叫做
联系人 联系人: 收件人 收件人: 收货人 收货人: 寄件人 寄件人: 患者 患者: 患者姓名 患者姓名:
病人 病人: 申请人 申请人: 持卡人 持卡人: 客户 客户: 负责人 负责人: 作者: 经办人 经办人:
法人 法人: 法定代表人 法定代表人: 投保人 投保人: 被保险人 被保险人: 当事人 当事人: 委托人
委托人: 监护人 监护人: 家长: 学生: 学生姓名 老师: 医生: 主治医师 主治医师: 主治医生
主治医生: 考生 考生: 此致: 嫌疑人 犯罪嫌疑人 被告人 被告 原告
""")

_TITLES = word_set("""
董事长 副董事长 总经理 副总经理 总裁 副总裁 总监 经理 主任 副主任 主席 副主席 总统 总理 副总理
部长 副部长 省长 副省长 市长 副市长 县长 镇长 村长 区长 局长 副局长 处长 科长 厅长 司长 书记
副书记 委员 委员长 常委 校长 副校长 院长 副院长 院士 教授 副教授 讲师 博士 硕士 研究员 副研究员
工程师 高级工程师 会计师 律师 法官 检察官 医生 医师 大夫 护士 护士长 药师 老师 教师 班主任 辅导员
导师 学生 同学 校友 教练 队长 队员 球员 前锋 后卫 门将 中锋 选手 运动员 冠军 亚军 裁判 记者
实习记者 特约记者 通讯员 编辑 主编 总编 总编辑 摄影 作者 作家 诗人 画家 书法家 歌手 歌星 演员 影星
明星 导演 编剧 制片人 主持人 主播 艺人 模特 作曲 作词 主演 饰演 主唱 网友 博主 专家 学者 科学家
企业家 创始人 董事 独立董事 监事 秘书 董事会秘书 董秘 助理 财务总监 会计 出纳 司机 店主 老板
老板娘 股东 代表 人大代表 政协委员 发言人 总书记 大使 将军 上将 中将 少将 上校 团长 连长 排长 班长
警官 民警 警察 狱警 烈士 英雄 村民 居民 市民 读者 乘客 顾客 房东 邻居 同事 同乡 老乡 朋友 好友
男友 女友 男朋友 女朋友 闺蜜 室友 同桌 师傅 师父 师兄 师姐 师弟 师妹 徒弟 先生 女士 小姐 太太 夫人
保姆 家长 孩子 男子 女子 男孩 女孩 姑娘 小伙 老人 青年 少年 妻子 丈夫 老婆 老公 爱人 儿子 女儿
妈妈 爸爸 母亲 父亲 哥哥 姐姐 弟弟 妹妹 爷爷 奶奶 外公 外婆 姥姥 姥爷 表哥 表姐 表弟 表妹 堂哥
堂姐 堂弟 堂妹 侄子 侄女 外甥 外甥女 孙子 孙女 岳父 岳母 公公 婆婆 舅舅 舅妈 姑姑 姑妈 姨妈 阿姨
叔叔 伯伯 大哥 大姐 前妻 前夫 未婚妻 未婚夫 长子 次子 长女 次女 独子 独女 上司 主管 客服 导购
经纪人 搭档 队友 对手 候选人 掌门人 当家人 掌柜
""")

KIN = word_set("""
妻子 丈夫 老婆 老公 爱人 女儿 儿子 孩子 妈妈 爸爸 母亲 父亲 哥哥 姐姐 弟弟 妹妹 男友 女友 男朋友
女朋友 闺蜜 室友 同桌 朋友 好友 表哥 表姐 表弟 表妹 堂哥 堂姐 堂弟 堂妹 侄子 侄女 外甥 外甥女 孙子
孙女 长子 次子 长女 次女 未婚妻 未婚夫 前妻 前夫 保姆
""")
"""Words for people close to the speaker, who calls them by their given name."""

_CALLS = word_set("""
联系 打给 电话给 告诉 通知 发给 写给 邮件给 转告 转给 致电 咨询 约 找 认识 认识了 见到 见到了 遇到
遇到了 遇见 拜访 邀请 感谢 提醒 问问 交给 寄给 送给 亲爱的 尊敬的 叫 致 请 让 给 对 向 跟 陪 由 被
采访 支持 喜欢 祝 恭喜 祝贺 听 看 关注 转发 爱 请问 我是 这是 就是 是 把 替 为 同 与 和 及 或 以及
还有 包括 比如 例如 如 像 据 称 谢 问 见 求 嫁给 娶了 暗恋 追 因为 而 但 当 当年 由于 只有 连 除了
关于 评 论 观 悼 赞 挺 骂 看到 听说 想起 记得 怀念 悼念 收到 加 @ / // | 回复
""")

BEFORE: dict[str, int] = {
    **dict.fromkeys(_CALLS, ADDRESSED),
    **dict.fromkeys(_TITLES, _TITLED),
    **dict.fromkeys(_INTRODUCTIONS, _NAMED),
    **dict.fromkeys(("我是", "我就是", "这里是", "本人", "叫", "我姓"), INTRODUCED),
    **dict.fromkeys(',。!?;" ', 4),
    **dict.fromkeys(":\n(", 8),
    "、": _LISTED,
    "@": 45,
}
"""What ends right before the name; the longest of at most `BEFORE_LONGEST` counts."""
BEFORE_LONGEST = 5

TITLES = _TITLES

HONORIFICS = word_set("""
先生 女士 小姐 太太 夫人 医生 大夫 老师 教授 博士 经理 总监 主任 主管 院长 校长 律师 法官 警官
护士 护士长 师傅 阿姨 叔叔 伯伯 奶奶 爷爷 同学 同志 老板 老板娘 董事长 总经理 秘书 会计 工程师
药师 院士 队长 班长 客服 书记 局长 处长 科长 部长 市长 县长 省长 主席 总统 总理 将军 警察 法师
道长 大师 导演 教练 师兄 师姐 师弟 师妹 学长 学姐 大哥 大姐 大叔 大妈 大爷 大娘 大婶 伯母 伯父
姑娘 公子 少爷 老爷 老先生 老太太 老人家 团长 连长 营长 所长 馆长 站长 厂长 村长 镇长 区长 厅长
司令 政委 总裁 董事 医师 讲师 编辑 记者 前辈 女王 哥哥 姐姐 弟弟 妹妹 嫂子 婶婶 妈妈 爸爸 店长
主播 老弟 兄弟
""")
"""Ways to address that follow a surname or a full name."""

SHORT_HONORIFICS = frozenset("总哥姐姨叔伯嫂婶工导董")
"""As `HONORIFICS`, of one character: 王总, 李姐."""

_AFTER_STRONG, _AFTER_HONORIFIC, SPEECH, _AFTER_WEAK = 75, 45, 20, 7

AFTER: dict[str, int] = {
    **dict.fromkeys(HONORIFICS, _AFTER_HONORIFIC),
    **dict.fromkeys(
        word_set("""
        说 表示 认为 指出 告诉 介绍 回忆 坦言 强调 透露 笑道 问道 答道 说道 回答 解释 称 介绍说 出生
        生于 毕业于 担任 主演 饰演 获得 率领 出席 主持 领衔 加盟 夺冠 本人 一家 夫妇 等人
        """),
        SPEECH,
    ),
    **dict.fromkeys(
        "的是在和与跟也都就来去到有没不想要会能让给叫被把对今昨明已正将曾又还却则及等", _AFTER_WEAK
    ),
    **{mark + sex: _AFTER_STRONG for mark in (",", "(", " ", ":", ", ") for sex in "男女"},
    **{mark + nation: _AFTER_STRONG for mark in ",:" for nation in ("汉族", "中国国籍")},
    **{mark + year: 45 for mark in (",", ":", "(") for year in ("19", "出生", "生于")},
    **dict.fromkeys((",博士", ",硕士", ",本科", ",大专", ",身份证", ",家住", ",籍贯"), 45),
    **dict.fromkeys((",电话", ",手机", ",住", ",今年", ",20"), 30),
}
"""What begins right after the name; the longest of at most `AFTER_LONGEST` counts."""
AFTER_LONGEST = 5
AFTER_END = 6
"""Where the text or the stretch of Han characters ends."""

FREE_AFTER_NICKNAME = frozenset(
    "的是在说和与跟也都就来去到有没不想要会能让给被把今昨明已正又还你您我他她,、。!?:;)\n \"'"
)
"""What may follow 小王, 老李, 阿强."""

PLACE_TAILS = frozenset(
    "路街镇乡村庄屯沟桥河江湖山岭峰寺庙庵观塔楼店馆园庭苑城县市区省州府巷弄港湾岛坊站牌堂氏"
)
"""After a surname and one character, these make a place: 王家庄, 李村."""

WISHES = frozenset("祝")
"""Surnames that before an honorific are a verb: 祝老师节日快乐."""

HOLDS_OFFICE = frozenset("任付司")
"""Surnames that before an office mean that somebody holds it, and in what place: 任经理."""

POLITE = word_set(
    "先生 女士 小姐 太太 夫人 医生 大夫 老师 师傅 阿姨 叔叔 奶奶 爷爷 同学 同志 大哥 大姐"
)
"""Honorifics that are no office."""

NOT_PERSONAL = word_set("""
公司 网 报 新闻 周刊 杂志 电视 官 微博 客服 大学 银行 旗舰 店 集团 所有人 全体 大家 群 中心 协会
频道 卫视 汽车 房产 地产 品牌 音乐 电影 时尚 工作室 俱乐部 美食 旅游 学院 中学 小学 学校 医院 基金
出版 论坛 社区 生活 资讯 语录 笑话 全球 排行 助手 小编 小秘 机器人 系统 平台 团队 部 处 局 会 班
组
""")
"""Parts of the name of an account that no single person speaks for."""

ORGANISATION_TAILS = word_set("""
公司 集团 大学 学院 中学 小学 医院 银行 酒店 饭店 超市 广场 大厦 大道 大街 公园 机场 车站 码头
水库 公路 高速 高铁 铁路 奖 杯 品牌 药业 股份 科技 实业 证券 基金 地产 汽车 电器 时代 王朝 县城
村委会 街道 派出所 法院 教育局 省 市 县 区 镇 乡 村
""")
"""After a name these say that it is part of the name of a place or a firm."""
