"""Whether a message is a clear yes to an action that the person was asked to confirm.

A yes is an affirmation, and around it nothing but courtesy and the action said
again, in words of the question, of the action's name or of its arguments. Any
negation, question, condition, doubt or other matter makes it none; then nothing
is done, and the person is asked again.
"""

from __future__ import annotations

import re
import unicodedata

from metier.model import ToolCall


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# --- English -----------------------------------------------------------------------

_YES_PHRASE = re.compile(
    r"\b(?:go (?:right )?ahead|do (?:it|so|that)|please do|of course|(?:that|it)(?:'s| is|s) "
    r"(?:right|correct|fine|ok|okay|good)|sounds good|all right|for sure|go for it|sure thing"
    r"|you (?:can|may))\b"
)
_YES = _list(
    "yes yep yeah yup yea y sure ok okay alright confirm confirmed confirming agree agreed "
    "proceed continue absolutely definitely certainly affirmative approve approved correct exactly"
)
_MUCH = re.compile(r"\b(?:(?:so|very) much|a lot)\b")
_AROUND = _list(
    "please pls plz kindly thank thanks thx cheers you a an the it this that "
    "these those them my our me us i i'm im i'd id i've we we'd am is for to of with and now then "
    "right away immediately straight just still really want would like wish need can could may go "
    "ahead do have that's thats it's fine good great perfect quickly"
)
_NOT_YES = re.compile(
    r"[?]|\b(?:no|not|nope|nah|never|none|neither|nothing|cannot|(?:do|does|did|ca|wo|would|should"
    r"|could|is|are|was|have|has)n'?t|without|except|but|however|though|although|instead|rather"
    r"|maybe|perhaps|possibly|probably|guess|suppose|think|wonder|doubt|if|unless|until|once|after"
    r"|before|provided|assuming|depends|otherwise|later|tomorrow|first|only|wait|hold|hang"
    r"|what|why|when|where|who|whom|whose|how|which|whether|another|other|different|change)\b"
)
_INVERTED = re.compile(
    r"\b(?:can|could|may|will|would|shall|should|do|does|did|is|are|am|was|were|have|has) "
    r"(?:i|it|this|that|they|we|he|she|there|you|my|the)\b"
)
"""A question without its mark, unless it says please: "would you please"."""
_STOPS = _list("cancel stop abort undo revoke withdraw terminate end quit halt drop")
"""Said of an action that is none of them, they mean the opposite of yes."""

# --- Chinese -----------------------------------------------------------------------

_ZH_YES = _list(
    "是 是的 是啊 好 好的 好啊 好呀 好吧 好嘞 好哒 对 对的 对啊 行 行吧 可以 可以的 确认 确定 同意 "
    "批准 没错 没问题 当然 当然可以 要的 继续 执行 照办 就这么办 就这样 就办吧 嗯好"
)
_ZH_AROUND = _list(
    "请 请你 请您 麻烦 麻烦你 麻烦您 拜托 谢谢 多谢 谢谢你 谢谢您 谢了 感谢 辛苦 辛苦了 我 我们 "
    "你 您 它 这 这个 那 那个 那就 就 帮 帮我 替我 给我 给 为我 把 将 要 我要 想 我想 想要 需要 吧 "
    "了 啊 呀 哦 的 嗯 嗯嗯 哈 一下 现在 马上 立刻 立即 直接 尽快 赶紧 快 去 来 "
    "办 办理 做 进行 操作 处理 即可 掉"
)
_ZH_NOT_YES = re.compile(
    r"不|别|勿|未|无|非|甭|莫|没(?!错|问题)|吗|呢|(?<!这)么|嘛|什么|怎|谁|哪|几|多少|是否|能否|可否"
    r"|如果|要是|假如|若|除非|万一|的话|等|之后|以后|然后|之前|先|再|但|可是|不过|只|才|或|还|另|别的"
    r"|其他|换|改|后悔|算了|罢了|停|想想|考虑|也许|可能|大概|应该|犹豫|随便|[好行对]了|可以了|(?:[是对的]|可以|没错|没问题)吧|[你您]好"
)
_ZH_STOPS = _list("取消 撤销 撤回 停止 终止 中止 放弃 作废 退订")
_SIMPLIFIED = str.maketrans(
    "確認請對沒問題煩謝這個幫們錯訂單嗎還過麼為會辦執繼續進讓後時別無馬現給將開當點緊銷棄終費應該選擇處",
    "确认请对没问题烦谢这个帮们错订单吗还过么为会办执继续进让后时别无马现给将开当点紧销弃终费应该选择处",
)

_NO = re.compile(
    r"(?:no|nope|nah|not now|don't|do not|never ?mind|cancel|stop|forget (?:it|that)|leave it)\b"
    r"|(?:不(?:用|要|必|是|了|行|可以|同意|需要)?|先?别|算了|取消|罢了)(?:了|吧|谢谢|麻烦|[，,。.！!\s]|$)"
)

_TOKEN = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['-][^\W_\u3400-\u9fff]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_THUMB = re.compile("[\U0001f44d\U0001f44c\u2705\u2714]")
_MARKS = re.compile("[\ufe0f\u200d\U0001f3fb-\U0001f3ff]")
_LONGEST = 200


def confirms(message: str, action: ToolCall, question: str) -> bool:
    """Whether `message` says yes to `action` and nothing else.

    Args:
        message: as the person typed it.
        action: the call that waits for the yes.
        question: the answer in which the person was asked.
    """
    said = _plain(message)
    if len(said) > _LONGEST or _NOT_YES.search(said) or _ZH_NOT_YES.search(said):
        return False
    if _INVERTED.search(_YES_PHRASE.sub(" yes ", said)) and "please" not in said:
        return False
    words = _Words(action, _plain(question))
    said = _YES_PHRASE.sub(" yes ", _THUMB.sub(" yes ", _MUCH.sub(" ", said)))
    agreed = False
    for token in _TOKEN.findall(said):
        fits, yes = words.han(token) if _HAN.match(token) else words.latin(token)
        if not fits:
            return False
        agreed = agreed or yes
    return agreed


def declines(message: str) -> bool:
    """Whether a message begins with a no. What follows may be another matter."""
    return _NO.match(_plain(message).strip()) is not None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()
    return text.translate(_SIMPLIFIED).replace("’", "'")


class _Words:
    """The words in which an action may be said again."""

    def __init__(self, action: ToolCall, question: str) -> None:
        name = _plain(action.name).replace("_", " ").replace("-", " ").split()
        arguments = _plain(action.arguments)
        self._values = {t for t in _TOKEN.findall(arguments) if not _HAN.match(t)}
        self._values |= set(re.findall(r"\d+", arguments))
        self._stops = {w for w in name if any(_akin(w, s) for s in _STOPS)}
        self._latin = {*name, *_TOKEN.findall(f"{question} {arguments}")}
        self._han = f"{question} {arguments}"

    def latin(self, word: str) -> tuple[bool, bool]:
        """Whether a word may stand in a yes, and whether it is one."""
        if word in _YES:
            return True, True
        if any(c.isdigit() for c in word):
            return word in self._values, False
        if word in _AROUND:
            return True, False
        if any(_akin(word, stop) for stop in _STOPS):
            return any(_akin(word, stop) for stop in self._stops), False
        return any(_akin(word, known) for known in self._latin), False

    def han(self, run: str) -> tuple[bool, bool]:
        """The same of a run of Han characters, however it is cut into words."""
        reached: dict[int, bool] = {0: False}
        for start in range(len(run)):
            if start not in reached:
                continue
            for end in range(start + 1, len(run) + 1):
                fits, yes = self._han_word(run[start:end])
                if fits:
                    reached[end] = reached.get(end, False) or reached[start] or yes
        return len(run) in reached, reached.get(len(run), False)

    def _han_word(self, word: str) -> tuple[bool, bool]:
        if word in _ZH_YES:
            return True, True
        if any(stop in word for stop in _ZH_STOPS):
            return bool(self._stops) and word in _ZH_STOPS, False
        return word in _ZH_AROUND or (len(word) > 1 and word in self._han), False


def _akin(one: str, other: str) -> bool:
    """Whether two words differ in their ending at most: "cancel", "cancellation"."""
    shorter, longer = sorted((one, other), key=len)
    stem = shorter[: max(4, len(shorter) - 2)]
    return one == other or (len(shorter) > 3 and longer.startswith(stem))
