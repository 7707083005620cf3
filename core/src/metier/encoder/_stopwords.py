"""Words that ask or join rather than name; a search doesn't look for them.

Besides articles and the like, these are the words of asking ("explain",
"请问") and of small talk ("thanks", "你好"). One of those, rare as it may be in
the articles of a domain, must not make an article look relevant.
"""

from __future__ import annotations


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


ENGLISH = _words(
    """
a about after again all also am an and any are aren as at be because been before being
but by can cannot could couldn did didn do does doesn doing don each either else etc
even ever every few for from get gets give go going got had has hasn have haven having
he help her here hers him his how however i if in into is isn it its itself just know
let like ll look many may maybe me might mine more most much must my myself need no nor
not now of off ok okay on once one only or other our ours out over own please quite
rather re really same say see shall she should shouldn show so some something such sure
tell than thank thanks that the their theirs them then there these they thing things
think this those though through to too under until up us use used using ve very want was
wasn way we well were weren what when where whether which while who whom whose why will
with within without won would wouldn yes yet you your yours explain describe mean means
meaning hi hello someone anyone kind kinds
"""
)

CHINESE = _words(
    """
的 了 是 在 我 你 您 他 她 它 们 我们 你们 您们 他们 她们 它们 咱们 这 那 这个 那个 这些
那些 这样 那样 这种 那种 这里 那里 什么 怎么 怎样 怎么样 怎么办 如何 为什么 为何 哪 哪些
哪个 哪里 哪儿 谁 几 多少 多久 吗 呢 吧 啊 呀 嘛 和 与 及 以及 或 或者 还是 并 并且 而
而且 但 但是 可是 不过 如果 要是 因为 所以 于是 然后 就 都 也 还 又 再 很 太 更 最 非常
比较 有 没有 有没有 没 不 不是 是不是 是否 可以 可不可以 能 能够 能否 能不能 会 会不会
要 要不要 想 想要 应该 应当 该 需要 必须 得 让 使 把 被 给 对 对于 关于 从 到 向 往 由
为 为了 以 用 于 上 下 里 中 内 外 之 其 其中 等 个 一个 一些 一下 一种 一点 些 种 次 请
请问 麻烦 谢谢 你好 您好 告诉 知道 觉得 认为 说 讲 介绍 解释 说明 帮 帮我 帮忙 时候 时
事 事情 东西 情况 问题 意思 地 着 过 来 去 做 嗯 好 好的 自己 现在 今天 已经 正在 啥 咋
有什么 是什么 什么样 一般 通常 方面 起来 出来 这么 那么 多 少 大家 有些 某 每 各 另外
还有 比如 例如 平时 总是 到底 究竟 怎么回事 帮助 名字 叫 讲讲 说说 讲个 才 即 便 哦 喔
哈 无聊 天 月 年 日 号 点 看 听 求 找 办 拿 放 开 进行 大 小
"""
)
