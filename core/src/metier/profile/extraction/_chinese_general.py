"""What no particular rule knows: plain statements of what lasts, in Chinese.

我是房东, 我家没有缝纫机, 打羽毛球七八年了. Read only where no other rule found anything in the clause, of
the person alone, without words for a task, a mood, a moment, a wish or whoever is spoken to; kept in
the person's own words with little confidence. What tells of health, faith, politics and the like is
left to the rules that know its category, since it needs a consent of its own.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from metier.profile.extraction._chinese_words import said
from metier.profile.extraction._rule import Rule

_TASK = (
    r"[题稿]|答案|作业|公式|方程|证明|单词|句|段落|段|文章|论文|标题|开头|结尾|比喻|作文|邮件|文案|检讨|代码|程序|报错|bug|函数|文件|脚本|接口|服务器|数据|变量|模型"
    r"|订单|快递|物流|包裹|退[款货换]|发票|优惠|密码|验证码|账[号户]|客服|付款|付的|支付|下单|收货|发货|充值|[优返]?券|(?<!微)积分|商品|赠品|卖家|店铺|差价|活动|链接|页面|按钮|网页|网址|短信|消息|截图|图片|视频|软件|系统|网络|信号"
    r"|会员|续费|自动|版|秘密|废物|朋友|对象|爸爸|垃圾|笨蛋|把|搞|一直在|挂号|检查|报告|结果|问题|想法|疑问|疑惑|建议|意见|要求|需求|情况|事儿?$|事情|东西|选项|步骤|思路|头绪|灵感|办法|时间|空$|钱$|信心|心情|胃口|兴趣|关系|区别|意思|印象|机会|可能|必要|资格|道理|理由|把握|心思|耐心|力气|感觉|经验|准备|回复|反应|消息|毛病|错|对$|作用|用处|效果|办法|进展|收获|提示|印象"
)
_MOOD = r"累|困|烦|开心|高兴|难过|伤心|生气|激动|紧张|郁闷|无聊|饿|渴|疼|痛|晕|难受|舒服|崩溃|emo|后悔|害怕|担心|感动|服了|懂|笑|哭|疯|死了|头大|抓狂|委屈|失望|焦虑|吃撑|着急|急(?!诊|救|性子)|忙|惊|傻|懵|慌|冷静|感谢|谢谢|抱歉|不好意思|尴尬|孤独|寂寞|受不了|羡慕|佩服"
_MOMENT = (
    r"今[天晚早]|昨[天晚]|明[天晚早]|前天|后天|刚|待会|等会|马上|正在|这次|上次|下次|上周|下周|[这那](?!边|里|儿|些年|几年|两年|辈子)|一下|突然|忽然|最近|又|终于|差点|还没|还不|没收|收[到不]|登不|打不开|用不了|等[了着]|丢|坏|碎|卡[住在死]|迟到|买[的了错]|付了|[吃喝做看写算拍填点去来试搜查问说找听发寄交退改用]了(?![\d一二两三四五六七八九十几好半])"
    r"|吵架|骂|快要|可能|大概|好像|似乎|应该|也许|再(?!婚)|先|吧$|呗$|啦$|呀$|嘛$|哈$"
)
_ASKED = r"你|您|什么|怎么|[吗呢]|哪|多少|为啥|咋|是否|(?<!十)几[个点号]|谁|何"
_WISH = (
    r"想|要(?!好|强)|需|希望|打算|能不能|可以|应|得去|得来|帮|请|求|推荐|让|给我|替|准备|不用|别|敢"
)
_MIND = r"觉得|认为|以为|知道|明白|理解|听说|看到|看见|发现|记得|忘|猜|信(?!用卡|息|阳)|怀疑|同意|承认|确定|确认|保证|发誓|相信|试|考虑|决定|喜欢|讨厌|爱(?!人|好)|恨|怕"
_SPECIAL = r"发烧|咳|拉肚子|吐|流鼻|肿|痒|痘|便秘|大便|胀|口苦|失眠|[病症癌]|药|医院|诊断|手术|怀孕|孕|抑郁|残疾|信[佛教主]|教会|教堂|清真|寺|佛|党|投票|选举|政治|同性|男朋友|女朋友|前科|坐牢|案底|族$|民族|性取向|基因|遗传|工会|血|尿|瘤|过敏"
_VETO = re.compile(f"{_TASK}|{_MOOD}|{_MOMENT}|{_ASKED}|{_WISH}|{_MIND}|{_SPECIAL}")
_UP = r"[^，。！？；\n]"
_FOR_YEARS = r"(?:[\d一二两三四五六七八九十百几好多半]{1,4}(?:来|多)?(?:年|个月)|好些年|多年|半辈子|一辈子|大半辈子)"
_N = r"[\d一二两三四五六七八九十几]"
_LASTING = r"(?:一直以?来?|从小到大|从小|打小|平时|平常|平日|常年|长年|长期|向来|从来|通常|经常|常常|总是|老是|天天|每天|每晚|每周|每个?月|每年|工作日|周末|一般|基本上?|几乎每\S|主要|专门|全靠|靠着?|目前|自幼|自小)"
_HAS_NOT = re.compile(
    r"没有(?:[一-龥]{0,2}[到过完好成改]|看|听|做|写|买|说|用|算|回|人|一|任何|多|那|关|必|的$|其他|别的|下|上|什|特别|太|像|比|被|把|在)|不会(?:吧|的|是|有|很|太|这|那|让|再|被|来|去|影响|出|导致|了|放弃|怪|骗|做$|写$|算$|解|配|弄)"
)
_NO_IDENTITY = re.compile(
    r"^(?:说|在|来|去|不|否|怎|这|那|谁|上|从|因为|为|按|用|买|看|打|第|真|最|认真|开玩笑|被|通过|照|把|跟|和|替|给|对|有|没|会|要|想|只|都|也|还|就|才|已经|自己|一样|人$|新手$|昨|今|刚|先|后|直接|临时|随便|故意|无辜|清白|冤枉|好人|坏人|机器|外星|认错|指|觉)|的$|着$|了$|过$|个人$|好的|例外|第一次"
)


def _plain(value: str, *, also: re.Pattern[str] | None = None) -> bool:
    """Whether words may tell what lasts: none of a task, a moment, a mood or of whoever is asked."""
    return not _VETO.search(value) and (also is None or not also.search(value))


def _detail(name: str, pattern: str, check: Callable[[str], bool] = _plain) -> Rule:
    return said(
        name, "detail", "identity", pattern, multiple=True, plain=False, confidence=0.45, check=check
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _detail("detail-is", rf"\A我是(?:一?[个名位枚只])?(?P<v>{_UP}{{2,14}})\Z", partial(_plain, also=_NO_IDENTITY)),
    _detail(
        "detail-has",
        rf"\A我(?:们)?(?:家|家里|名下|手上|手里|院子里?|店里|班上|阳台上?)?(?:还|也|就|只)?(?P<v>有(?:{_N}{{1,3}}多?(?![天分秒]|小时|次)|个|些|好几|自己的|很多|不少)[个家间套块亩支把辆张台只本盆箱间座条艘架颗口分名位]?{_UP}{{1,18}})\Z",
    ),
    _detail(
        "detail-has-not",
        rf"\A我(?:们)?(?:家|家里|这边|宿舍|单位)?(?:都|从来|一直|也|还|是)?(?P<v>(?:没(?:有|学过|接触过|去过|用过|坐过|养过|出过|上过|谈过)|不(?:太)?会){_UP}{{1,14}})\Z",
        partial(_plain, also=_HAS_NOT),
    ),
    _detail("detail-always", rf"\A我(?:们?家?里?)?(?:是)?(?:现在|也)?(?P<v>{_LASTING}{_UP}{{2,24}})\Z"),
    _detail(
        "detail-mine",
        rf"\A我(?:(?=(?:皮肤|头发|肤质|发质|性格|记性|声音|字迹?|工位|宿舍|老家|专业|打字|走路|说话|普通话|口音|体质|脾气|酒量|手)(?:是|很|比较|偏|特别|在|慢|快|差|不|大|小))|的|家的?|们家的?|们公司|们学校|们单位|们店)(?P<v>[\u4e00-\u9fff]{{1,5}}(?:(?:是|叫|在|有|很|比较|偏|特别|靠|朝|只有){_UP}{{1,20}}|慢|快|差|大|小))\Z",
    ),
    _detail(
        "detail-does",
        rf"\A我(?:自己|主要|平时|目前|现在|一个人|还|也)*(?:在{_UP}{{2,10}}?)?(?P<v>(?:负责|管着?|种|养|伺候|照顾|照看|经营|兼职|辅修|自学|坚持|收集|收藏|订阅|师从|任教|执教|从事|研究|主攻|专攻|擅长|精通|戴|留(?=长发|短发|胡子|学)|属于|毕业于|就读于?|隶属|担任|兼任|创办|加盟|承包|出租|资助|赡养|供(?=孩|弟|妹)|带(?={_N}|徒|学生|团)|教|练|玩|混|开(?={_N}|民宿|小|淘|网)|守(?=门|店|夜)|跑(?=步|马|腿|车)|打(?=羽|乒|网球|篮球|太极|零工|鼓)|弹|拉(?=二胡|小提琴)|写(?=博客|日记|网文|小说|诗|公众号|毛笔)|做(?=手工|自媒体|直播|代购|义工|志愿者))(?!了|完|好|错|不){_UP}{{1,22}})\Z",
    ),
)  # fmt: skip
"""Read where the clause says 我."""

BARE: tuple[Rule, ...] = (
    _detail(
        "detail-years",
        rf"\A我(?:已经|都|前后|断断续续)*(?P<v>(?![家们的]|{_N}){_UP}{{2,20}}?(?:了|有|快|已经|坚持)?{_FOR_YEARS}(?:多|半)?(?:了|喽|咯))\Z",
    ),
    _detail(
        "detail-for-years",
        rf"\A我(?:已经|都|前后)*(?P<v>[\u4e00-\u9fff]{{1,4}}了{_FOR_YEARS}(?:多|半)?(?:的)?[\u4e00-\u9fffA-Za-z]{{1,10}}?)(?:了)?\Z",
    ),
)
"""Read where the clause leaves its subject out, too."""
