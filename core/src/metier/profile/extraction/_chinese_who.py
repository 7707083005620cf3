"""Chinese rules: who somebody is, what they do, where they live, whom they live with."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._chinese_words import (
    ADV,
    CITY,
    END,
    TONGUE,
    WORK,
    S,
    said,
)
from metier.profile.extraction._rule import Rule

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱胡郭林何梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董余苏吕魏蒋杜沈姜范傅卢汪戴崔廖姚邱谭韦贾邹熊孟秦侯阎薛叶阮尹顾毛邵万钱严覃武莫孔向汤康易乔贺赖龚文庞樊兰殷施陶洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂焦"
_NO_NAME = [
    "别",
    "不",
    "怎么",
    "什么",
    "一下",
    "起床",
    "素食",
    "学生",
    "初学者",
    "新手",
    "老师傅",
    "过敏",
    "孕妇",
    "左撇子",
    "夜猫子",
    "男",
    "女",
    "单身",
    "会员",
    "的",
    "人",
    "了",
    "外卖",
    "你",
    "他",
    "她",
    "这个",
    "那个",
    "谁",
    "啥",
    "做",
    "吃",
    "喝",
    "车",
    "醒",
    "救护",
]
_NOT_NAMES = frozenset(["先生", "女士", "小姐", "中国人", "医生", "护士", "老师"])
_NOT_PLACES = re.compile(
    r"家$|国$|市$|省$|晚上|白天|这里|外地|夜里|早上|附近|手机|电脑|网上|线上|一起|现场|周末|平时|^家里?$|^外面$"
)
ORG = re.compile(
    r"公司|集团|大学|学院|银行|医院|诊所|厂|所$|店|局|学校|中学|小学|高中|幼儿园|机构|事务所|律所|部门?|单位|国企|外企|央企|大厂|研究院|工作室|餐厅|酒店|超市|基地|部队|园$|社$|馆$|站$|院$|中心"
)
_BY_SOUND = re.compile(r"·|^阿不|不都|买买提$")
"""Names written by sound hold any character: 阿不都拉, 阿依古丽·买买提."""


def _is_name(value: str) -> bool:
    by_sound = bool(_BY_SOUND.search(value))
    return value not in _NOT_NAMES and (by_sound or not any(w in value for w in _NO_NAME))


def _is_org(value: str) -> bool:
    return not _NOT_PLACES.search(value) and not re.fullmatch(CITY, value)


RULES: tuple[Rule, ...] = (
    said(
        "no-name",
        "name",
        "identity",
        r"(?:别|不要|请不要|不用)(?:再)?(?:叫|喊|称呼)我(?:做|为)?(?P<v>[\u4e00-\u9fffA-Za-z·]{1,8}?)(?:了|啦)?(?=[，。！？；\s]|$)",
        retracts=True,
    ),
    said(
        "no-name-am",
        "name",
        "identity",
        r"我(?:可|并|真)?不(?:叫|姓)(?P<v>[\u4e00-\u9fffA-Za-z·]{1,6}?)(?:了|啊|哦)?(?=[，。！？；\s]|$)",
        retracts=True,
    ),
    said(
        "name",
        "name",
        "identity",
        r"(?:我(?:的(?:中文|英文|真实)?名字|名字|大名|本名|真名|全名|姓名|网名|昵称|英文名|小名)(?:是|叫做?|为|[:：])|我(?:真名|本名|全名|大名|小名|现在|已经|改名)?(?:就|是)?叫做?(?!我|做|他|她|你|了|过|外卖|车|醒|救护|不)|(?:(?<!别)(?<!不要)(?<!不用再)(?<!别再)(?:叫|称呼|喊|唤)我)(?:一声)?)\s*(?:做|为|成|就叫)?(?P<v>[\u4e00-\u9fff]{1,8}(?:[·•][\u4e00-\u9fff]{1,8}){1,3}?|[\u4e00-\u9fff·]{1,6}?|[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)(?=[，。,.!！;；\s]|今年|来自|(?<=[\u4e00-\u9fff]{2})是|住|就好|就行|就是了|吧|就可以|好了|即可|就成|了|哈|哦|啦|呀|$)",
        check=_is_name,
    ),
    said(
        "name-am",
        "name",
        "identity",
        # Without a surname it is as often a people, a faith or a trade ("我是藏族").
        rf"我是(?P<v>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})$",
        confidence=0.6,
        check=lambda v: _is_name(v) and v[-1] not in "族徒民员师人生医家教工店院区市县",
    ),
    said(
        "name-surname",
        "name",
        "identity",
        r"我(?:免贵)?姓(?P<v>[\u4e00-\u9fff]{1,2}?)(?=[，。,.!！;；\s名]|$)",
        confidence=0.7,
    ),
    said(
        "age",
        "age",
        "identity",
        rf"(?<![\u4e00-\u9fff])我(?:的?年龄(?:是|为)?|的?岁数(?:是)?|这岁数|{ADV}|今年|虚岁|实岁|周岁|刚满|刚过|快|马上|都|刚|才|年满|上周\S|年近|是)*(?:(?P<v>\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})(?:多|来)?(?:周?岁)(?:了|多|出头)?(?=[，。,.!！;；\s的半]|$|了|，)|(?<=我)(?P<x>\d{{2}})了(?=[，。！；\s]|$)|(?<=[年满岁快都是])(?P<w>\d{{1,3}}|[一二三四五六七八九十]{{2,3}})(?:了|出头|多)?(?=[，。,.!！;；\s]|$))",
        check=lambda v: not v.isdigit() or 3 < int(v) < 120,
    ),
    said(
        "birthday",
        "birthday",
        "identity",
        r"我(?:的)?(?:生日|出生日期|生辰)?(?:是|在|为|[:：])?(?:生于|出生于|出生在)?(?P<v>(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]?|\d{4}年(?:\d{1,2}月)?)(?P<t>的?生日|出生的?|生的|生人|$)",
        plain=False,
    ),
    said(
        "birth-decade",
        "birthday",
        "identity",
        rf"{S}是(?:一?个|一?名)?(?P<v>\d0后|[七八九零]零后)",
        plain=False,
        confidence=0.8,
    ),
    said(
        "gender",
        "gender",
        "identity",
        rf"{S}(?:是)?(?:一?个|一?名|一?位)?(?P<v>男生|女生|男性|女性|男人|女人|男的|女的|女孩子?|男孩子?|男|女){END}",
    ),
    said(
        "no-job",
        "occupation",
        "identity",
        rf"{S}(?:不再是|已经不是|不是|没在?当|不当|不做|不干)(?:一?个|一?名|一?位)?(?P<v>[\u4e00-\u9fffA-Za-z]{{0,8}}{WORK})(?:了|啊|哦)?(?=[，。！？；\n]|$)",
        retracts=True,
    ),
    said(
        "job",
        "occupation",
        "identity",
        rf"{S}(?:是|当|做|干|在当|在做|从事|刚当上|当上了?|成为|成了|担任|转行做|转行当|转行|改行做|改行当|改做|的职业是|的工作是|职业是|职业|工作是|目前是|自由职业做)(?:着|了)?(?:[\d一二三四五六七八九十几]{{1,3}}多?年的?)?(?:一?个|一?名|一?位|在\S{{1,10}}?的)?(?P<v>(?![搞做干当教卖在])[\u4e00-\u9fffA-Za-z+#]{{0,12}}{WORK})(?:的?工作|这一?行|这块|方面|出身)?(?:的|了|啦)?(?:[\d一二三四五六七八九十几]{{1,3}}多?年了?)?(?=[，。！？；\s]|$)",
        check=lambda v: not re.match("[大高初研博][一二三四]", v),
    ),
    said(
        "job-suffix",
        "occupation",
        "identity",
        rf"{S}(?:是|当|的职业是|的工作是|职业是)(?:一?个|一?名|一?位)(?P<v>[\u4e00-\u9fffA-Za-z]{{0,8}}(?:师|员|工|家|医|匠|手))(?=[，。！？；\s]|$)",
        confidence=0.75,
    ),
    said(
        "job-doing",
        "occupation",
        "identity",
        rf"{S}(?:是)?(?:从事|做|干|搞)(?P<v>(?!什么|这个|那个|过|完|好|得|不|了|一)[\u4e00-\u9fffA-Za-z]{{2,12}}?)(?:方面的?|相关的?|行业的?)*(?:的?工作|的?行业|这一?行|的(?=[，。！？；\s]|$)|生意(?:的)?)(?:了|的)?",
        confidence=0.85,
        check=lambda v: not re.search("[都挺很太也就最题]|作业", v),
    ),
    said(
        "job-in",
        "occupation",
        "identity",
        rf"{S}(?:是)?在[\u4e00-\u9fffA-Za-z]{{1,14}}?(?:里|上|这边|那边)?(?:做|当|干|担任|搞)(?:一?个|一?名|一?位)?(?P<v>[\u4e00-\u9fffA-Za-z]{{0,8}}{WORK})(?:的|工作|了)?(?=[，。！？；\s]|$)",
    ),
    said(
        "job-teach",
        "occupation",
        "identity",
        rf"{S}(?:是)?(?:在[\u4e00-\u9fff]{{2,10}}?)?(?P<v>教(?!我|你|的|会|练|授|师|资|编|务|材|程)[\u4e00-\u9fffA-Za-z]{{1,8}}?|送外卖|送快递|跑外卖|跑滴滴|跑网约车|跑出租|开出租车?|开网约车|开滴滴|开货车|开大货车?|跑长途|跑运输|当兵|种地|务农|摆摊|带货|开挖掘机|跑业务|写代码的?|养蜂|养猪|种果树|打零工|卖[\u4e00-\u9fff]{{1,6}}(?=的)|带孩子|带娃)(?:的|了|呢)?(?:[\d一二三四五六七八九十几]{{1,3}}多?年了?)?(?=[，。！？；\s]|$)",
        confidence=0.8,
    ),
    said(
        "job-field",
        "occupation",
        "identity",
        rf"{S}(?:在|是|属于)(?:做)?(?P<v>[\u4e00-\u9fffA-Za-z]{{2,8}}?)(?:行业|这一?行|领域|圈)(?:的|里|工作|上班|打拼|混)*(?=[，。！？；\s]|$)",
        confidence=0.8,
    ),
    said(
        "job-retired",
        "occupation",
        "identity",
        rf"{S}(?P<v>退休|失业|待业|自由职业|内退|离休|下岗)(?:了|中|在家|人员|金|[\d一二三四五六七八九十几两]{{1,2}}年)*(?=[，。！？；\s]|$)",
    ),
    said(
        "fragment-job",
        "occupation",
        "identity",
        rf"^(?P<s>我)(?:带[\u4e00-\u9fff]{{1,6}}的)?(?P<v>(?![谢想要能会去找看问听学不是当做干搞教卖跑开陪见约怕像让被等跟给有没在和对替给])(?:[\u4e00-\u9fff]{{0,4}})?{WORK})(?:一[枚个名])?(?=$)",
        confidence=0.8,
        check=lambda v: "圈" not in v,
    ),
    said(
        "shop",
        "occupation",
        "identity",
        rf"{S}(?:在[\u4e00-\u9fff]{{2,8}}?)?(?P<v>(?:开了?|经营着?)(?:一?家|间|个)[\u4e00-\u9fff]{{0,8}}(?:店|公司|餐厅|咖啡馆|工作室|民宿|诊所|饭馆|厂|超市|网店|书店|花店))",
        plain=False,
    ),
    said(
        "no-job-left",
        "employer",
        "identity",
        rf"{S}[^，。]{{0,8}}?(?:辞职|离职|被裁|失业|辞了工作|不干)(?:了)(?P<v>)(?=[，。！？；\n]|$)",
        retracts=True,
    ),
    said(
        "left",
        "employer",
        "identity",
        rf"{S}[^，。]{{0,8}}?从(?P<v>[\u4e00-\u9fffA-Za-z]{{2,10}}?)(?:走了|离职了?|辞职了?|跳槽了?|出来了|离开了?)",
        retracts=True,
    ),
    said(
        "no-employer",
        "employer",
        "identity",
        rf"{S}(?:不在|没在|离开了?|辞了)(?P<v>[\u4e00-\u9fffA-Za-z]{{2,14}}?)(?:工作|上班|任职|干|做|实习)?(?:了|啦)(?=[，。！？；\n]|$)",
        retracts=True,
        check=lambda v: (
            bool(ORG.search(v))
            or v.isascii()
            or (len(v) <= 4 and not re.search("[家国城市省]", v) and not re.fullmatch(CITY, v))
        ),
    ),
    said(
        "employer",
        "employer",
        "identity",
        rf"{S}(?:是)?在(?P<v>[\u4e00-\u9fffA-Za-z\d ]{{2,16}}?)(?:里|那边|这边)?(?:工作|上班|任职|就职|供职|教书|实习|打工|当差|坐班|当[\u4e00-\u9fff]{{2,8}}|做[\u4e00-\u9fff]{{2,8}})(?:的|了|呢)?(?:[\d一二三四五六七八九十几两]{{1,3}}多?年了?)?(?=[，。！？；\s]|$)",
        check=_is_org,
    ),
    said(
        "employer-joined",
        "employer",
        "identity",
        rf"{S}(?:入职了?|加入了?|跳到了?|签了家?|跳槽到了?|跳槽去了?|换到了?|转到了?|去了?|进了?)(?P<v>[\u4e00-\u9fffA-Za-z]{{2,16}}?)(?:了|工作|上班)?(?=[，。！？；\n]|$)",
        past=True,
        check=lambda v: (
            bool(ORG.search(v))
            or bool(
                re.fullmatch(
                    r"[A-Za-z]+|腾讯|阿里|阿里巴巴|字节|字节跳动|百度|美团|京东|华为|小米|网易|拼多多|滴滴|快手|微软|谷歌|苹果|亚马逊",
                    v,
                )
            )
        ),
    ),
    said(
        "studies",
        "studies",
        "identity",
        rf"{S}(?:的专业是|专业是?|主修|攻读|学的是|读的是|在读|论文方向是|(?:本科|大学|硕士|博士)(?:学|读)的?是?|研究方向是|读(?=[^，。]{{2,8}}的$))(?P<v>(?!高[一二三]|初[一二三]|大[一二三四]|研[一二三]|博[一二三四]|小学|\S年级)[\u4e00-\u9fffA-Za-z]{{2,16}}?)(?:专业|的)?(?=[，。！？；\n]|$)",
        multiple=True,
        confidence=0.85,
    ),
    said(
        "level",
        "level",
        "level",
        rf"{S}(?:还)?(?:是|在读|在上|读|上|今年|念|就读|已经是|现在是|属于|(?=\S年级|[大高初研博][一二三四]|零基础|新手|小白))(?:的)?(?:一?个|一?名|位)?(?:[A-Za-z+#]{{1,10}}|[\u4e00-\u9fff]{{0,4}}?)?(?:的)?(?P<v>初学者|新手|菜鸟|入门级?(?:选手)?|零基础|小学[一二三四五六]年级|[一二三四五六七八九]年级|初[一二三]|高[一二三]|大[一二三四五]|研[一二三]|博[一二三四五]|中级|初级|高级(?:水平)?|专家|小白|老手|半吊子)(?:水平|的?学生|学习者|选手|了|生|党|狗|的)?(?=[，。！？；\s的]|$|(?:学|一枚))",
        check=lambda v: v != "大五",
    ),
    said(
        "level-of",
        "level",
        "level",
        rf"{S}(?:的)?[\u4e00-\u9fffA-Za-z]{{0,8}}?(?:水平|程度|级别|等级|基础)(?:是|大概是|大概|大约|在|算|属于|只有|差不多|已经到了?|到了?|为|[:：])*(?P<v>初级|初学|中级|高级|中高级|中等|入门|一般|[ABCabc][12]|初学者|HSK ?\d级?|N[1-5]|\d级|四级|六级|专[四八]|零|为零|很差|不错|小学|初中|高中)",
    ),
    said(
        "level-bare",
        "level",
        "level",
        rf"{S}(?P<v>{TONGUE}(?:[ABC][12]|N[1-5]|四级|六级|专四|专八|零基础|母语水平|流利))(?:了|水平)?(?=[，。！？；\s]|$)",
        confidence=0.8,
    ),
    said(
        "employer-bare",
        "employer",
        "identity",
        rf"{S}在(?P<v>[\u4e00-\u9fff]{{0,8}}(?:公司|大学|银行|集团|大厂|国企|央企|外企|律所|事务所|研究所|研究院)|腾讯|阿里(?:巴巴)?|字节(?:跳动)?|百度|美团|京东|华为|小米|网易|拼多多|滴滴|快手|微软|谷歌)(?:这边|里)?(?=[，。！？；\s]|$)",
    ),
    said(
        "level-passed",
        "level",
        "level",
        rf"{S}(?:[\u4e00-\u9fff]{{0,4}})?(?:过了?|考过了?|考了?|通过了?|拿到了?)(?:了)?(?P<v>(?:[\u4e00-\u9fff]{{0,4}})(?:四级|六级|N[1-5]|HSK ?\d级?|专四|专八|[ABC][12]|雅思\d(?:\.\d)?分?|托福\d{{2,3}}分?|\d段|[一二三四五六七八九十]级))(?:了)?(?=[，。！？；\s]|$)",
        confidence=0.8,
    ),
    said(
        "level-zero",
        "level",
        "level",
        rf"{S}(?:对)?[\u4e00-\u9fffA-Za-z]{{0,8}}?(?P<v>零基础|刚入门|刚开始学|才开始学|刚学(?=[\u4e00-\u9fffA-Za-z]|$)|一窍不通|完全不懂|完全不会|很流利|非常流利)",
        confidence=0.8,
    ),
    said(
        "family",
        "family",
        "identity",
        rf"{S}(?:家)?(?:里)?(?:就|只)?(?:有|生了|育有)(?:了)?(?P<v>(?:一|两|俩|三|四|五|1|2|3|4)?(?:个|对|名|位|儿|女)?(?:\S{{0,5}}的?)?(?:孩子|儿子|女儿|闺女|小孩|娃|双胞胎|龙凤胎|哥哥|姐姐|弟弟|妹妹|宝宝|儿一女)[^，。！？；\n]{{0,10}})",
        multiple=True,
        plain=False,
    ),
    said(
        "household",
        "family",
        "identity",
        rf"{S}(?:家)?(?:里)?(?:一共|总共)?(?:有)?(?P<v>[一二三四五六七八两\d]口(?:人|之家))",
        multiple=True,
        plain=False,
    ),
    said(
        "only-child",
        "family",
        "identity",
        rf"{S}是(?:家里的?|家中的?)?(?P<v>独生子女?|独生女|独子|独女|双胞胎|老大|老二|老三|老幺|长子|长女)",
        multiple=True,
    ),
    said(
        "no-children",
        "family",
        "identity",
        rf"{S}(?:还)?(?P<v>没(?:有|要)?(?:孩子|小孩|娃|兄弟姐妹|宠物))",
        multiple=True,
        plain=False,
    ),
    said(
        "marital",
        "marital_status",
        "identity",
        rf"{S}(?:是)?(?P<v>已婚|未婚|单身|离异|离婚|丧偶|丁克|不婚)(?:了|狗|人士|状态|贵族|一族|族)?(?:一枚)?(?=[，。！？；\s带]|$|，)",
    ),
    said(
        "married-now",
        "marital_status",
        "identity",
        rf"{S}[^，。！？]{{0,8}}?(?P<v>结婚|离婚|订婚|领证|分居)(?:了|啦|(?=[\d一二三四五六七八九十两几]{{1,3}}多?年了?))(?:[\d一二三四五六七八九十两几]{{1,3}}年了?)?(?=[，。！？；\n]|$)",
        past=True,
    ),
    said(
        "no-pet",
        "pet",
        "identity",
        rf"{S}(?:不再养|已经不养|不养|没有?养|没养)(?P<v>猫|狗|宠物|鸟|鱼|兔子|仓鼠)(?:了)",
        retracts=True,
        multiple=True,
    ),
    said(
        "pet",
        "pet",
        "identity",
        rf"{S}(?:家)?(?:里)?(?:还)?(?:有|养了?|养着|养有|领养了?|收养了?|捡了?)(?:了)?(?P<v>(?:一|两|俩|三|四|五|几|好几|\d+)?(?:只|条|头|匹|缸|个|窝)?(?:叫\S{{1,6}}的|\S{{0,6}}?)(?:猫|狗|犬|猫咪|狗狗|小猫|小狗|鹦鹉|兔子|兔|仓鼠|豚鼠|乌龟|鱼|金鱼|鸟|马|刺猬|龙猫|蜥蜴|守宫|蛇|金毛|泰迪|柯基|哈士奇|拉布拉多|布偶|英短|橘猫|柴犬|边牧)(?:(?:和|、|跟)?(?:一|两|俩|三|四|五|几|\d)(?:只|条|头|匹|缸)\S{{0,6}}?(?:猫|狗|犬|兔|鸟|鱼|龟|鼠)\S{{0,2}})?(?:[，,]?(?:名字)?叫[\u4e00-\u9fffA-Za-z]{{1,8}})?)",
        multiple=True,
        plain=False,
    ),
    said(
        "pet-name",
        "pet",
        "identity",
        r"我(?:家|的|们家)?(?:的)?(?P<v>(?:猫|狗|猫咪|狗狗|小猫|小狗|鹦鹉|兔子|仓鼠|乌龟|宠物)(?:的名字)?(?:叫|是)[\u4e00-\u9fffA-Za-z]{1,8})(?=[，。！？；\n]|$)",
        multiple=True,
        plain=False,
    ),
    said(
        "no-pets-at-all",
        "pet",
        "identity",
        rf"{S}(?P<v>(?:没有?养?|不养|没养(?:过)?)(?:任何)?宠物)(?!了)",
        multiple=True,
        plain=False,
    ),
    # 特殊类别
    said(
        "religion",
        "religion",
        "religion",
        rf"{S}(?:是|信仰?|信奉|皈依了?|信的是)(?:一?个|一?名|一?位|虔诚的)*(?P<v>佛教徒?|基督教徒?|基督徒|基督|天主教徒?|穆斯林|伊斯兰教|犹太教徒?|犹太人|道教徒?|印度教徒?|锡克教徒?|东正教徒?|无神论者|佛|回教|主|耶稣)(?=[，。！？；\s的]|$)",
    ),
    said(
        "ethnicity",
        "ethnicity",
        "ethnicity",
        rf"{S}(?:是)?(?P<v>(?:汉|回|藏|维吾尔|维|蒙古|蒙|满|苗|壮|彝|朝鲜|土家|侗|瑶|白|哈萨克|傣|黎|布依|畲|羌|纳西|锡伯|土|景颇)族)(?:人)?(?=[，。！？；\s]|$)",
    ),
    said(
        "politics",
        "politics",
        "politics",
        rf"{S}是(?:一?个|一?名|一?位|中共)*(?P<v>共产党员|党员|共青团员|民主党人?|共和党人?|自由派|保守派|左派|右派)(?=[，。！？；\n]|$)",
    ),
    said(
        "orientation",
        "orientation",
        "orientation",
        rf"{S}是(?:一?个|一?名|一?位)*(?P<v>同性恋者?|双性恋者?|异性恋者?|女同(?:性恋)?|男同(?:性恋)?|跨性别者?|无性恋者?|非二元性别者?|拉拉)(?=[，。！？；\n]|$)",
    ),
    said("union", "union", "union", rf"{S}是(?P<v>工会(?:会员|成员|代表|干部))"),
    said(
        "criminal",
        "criminal",
        "criminal",
        rf"{S}(?P<v>有(?:过)?(?:犯罪记录|前科|案底)|(?:坐过牢|服过刑|被判过刑|在假释期|在缓刑期))",
    ),
    said(
        "speaks",
        "speaks",
        "language",
        rf"{S}(?:会(?:说|讲)|能说|能讲|说|讲|的?母语是|精通|在学(?:习)?|懂|会)(?:一点点?|一些|流利的?)?(?P<v>(?:{TONGUE}(?:、|和|以及|跟|还有)?)+)",
        multiple=True,
        split=True,
    ),
)
