"""Small talk is answered as such where there is no other answer, and a question never is.

The sentences took no part in training the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl
from metier.model import Composition, Passage, Turn
from metier.pipeline._small_talk import small_talk
from metier.pipeline._state import State

TALK = """
Many thanks!
That's brilliant, thank you
Ok, thank you very much
thx
Hello, how are you today?
Good evening to you
See you next week
Bye bye
Cheers, that was useful
Ha, very funny
Oh I see
All right then
Great stuff
Well done
Nice talking to you
Are you a real person?
You are so kind
That's all, thanks
Yo
Take care of yourself
Fantastic, thanks again
Morning!
Yep
How's your day going?
Much appreciated
""".strip().splitlines()
ASKED = """
why is it wrong
is it dangerous
how many
and for babies?
what about the second one
who told you that
give me another example
photosynthesis
fractions
dash or hyphen
ibuprofen
tracking number 4471
change of address
a shorter version
I can't open the attachment
my knee clicks
it says access denied
eight times nine
the answer to question four
do it again with other numbers
what do you know about me
what is my name
can you forget my address
rewrite: me and him goes home
cough since Sunday
blocked ears
where were we
thank you letter to my landlord
how do I say hello in Chinese
good morning in formal English
write a goodbye note to a colleague
is "see you" too informal
thanks, but what about children?
hello, I need my invoice
hi, why was I charged twice
ok, and the next step?
are human bodies mostly water
you charged me twice
nice, now shorten it
great, can I return it
""".strip().splitlines()
TALK_ZH = """
谢谢您！
好的，谢谢
你好啊
太好了，谢谢你
嗯嗯，知道了
再见！
辛苦了
哈哈哈
不好意思，打扰了
明白，收到
晚安
真棒！
早上好，在吗
没问题，好的
就这些，谢谢，再见
""".strip().splitlines()
ASKED_ZH = """
为什么
怎么办
布洛芬
退货
这样对吗
再短一点
谢谢，那小孩呢？
你好，我的包裹呢
好的，下一步呢
给老师写一封感谢信
“再见”怎么说更正式
晚上咳嗽
孩子能吃吗
三分之二加一
我叫什么名字
不好意思，发票在哪里开
早上好用英语怎么说
可以退吗
没问题是什么意思
太贵了能便宜吗
""".strip().splitlines()


class Silent(Gardening):
    """Has no answer to anything."""

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        return []

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return None


def told(message: str) -> bool:
    turn = Turn("t", "d", "s", "gardening", "c", message, None)  # type: ignore[arg-type]
    return small_talk(State(None, None, turn, None, None, None, None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("said", "share"), [(TALK, 0.7), (TALK_ZH, 0.9)])
def test_most_small_talk_is_told(said: list[str], share: float) -> None:
    assert sum(map(told, said)) / len(said) >= share, [t for t in said if not told(t)]


@pytest.mark.parametrize("asked", [ASKED, ASKED_ZH])
def test_what_asks_for_something_is_hardly_ever_taken_for_it(asked: list[str]) -> None:
    taken = [message for message in asked if told(message)]
    assert len(taken) <= len(asked) // 20, taken


@pytest.mark.parametrize(
    ("message", "answer"),
    [("Thanks, that was great!", "Happy to help"), ("谢谢你！", "很高兴"),
     ("What is a rose?", "I found nothing"), ("玫瑰是什么？", "没有能回答")],
)  # fmt: skip
async def test_thanks_are_not_told_that_the_sources_have_no_answer(
    open_metier: Any, message: str, answer: str
) -> None:
    app = await open_metier(Silent())
    found = await app.respond(app.request("gardening", message))
    assert answer in found.text
