"""A pending action runs on a clear yes to it, and on nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import ToolCall
from metier.pipeline._confirm import confirms

CANCEL = ToolCall("1", "cancel_order", '{"order": "A-1007", "reason": ""}')
ASKED = 'Please confirm: cancel the order A-1007 (coffee maker). Reply "yes" to go ahead.'
ASKED_ZH = "请确认：取消订单 A-1007（咖啡机）。回复“是”即可执行。"
BOOK = ToolCall("2", "book_appointment", '{"doctor": "Chen", "day": "Monday"}')
ASKED_BOOK = "Shall I book the appointment with Dr Chen on Monday?"
ASKED_BOOK_ZH = "需要我为您预约周一陈医生的门诊吗？"

YES = """
yes
Yes.
YES!
yes please
yes, please.
yep
yeah sure
y
ok
okay, do it
sure
sure, go ahead
go ahead
please go ahead
go ahead and cancel
go ahead and cancel it please
go ahead with the cancellation
yes please cancel it
yes, go ahead and cancel
yes, cancel it
yes cancel my order
yes, please cancel the order
Yes, cancel order A-1007
yes, cancel 1007 please
yes, I want to cancel it
yes I'd like to cancel my order
yes, I still want to cancel
yes I'm sure
I'm sure, cancel it
I confirm
I confirm the cancellation
confirm
confirmed
confirmed, thank you
I agree
that's right
that's correct, cancel it
yes that is correct
of course
absolutely
definitely, please cancel the coffee maker
please do
please proceed
proceed with the cancellation
alright, cancel it now
all right then, do it
yes, right away please
ok thanks, cancel it
yes, thank you so much
cancel it, yes
you can go ahead
yes, would you please cancel it
ｙｅｓ
👍
✅
👍🏽 cancel it
""".strip().splitlines()

NO = """
no
No.
nope
nah
no thanks
no, don't
don't
do not cancel it
yes but don't
yes, but not yet
yes but keep the coffee maker
yes, what happens if I cancel?
yes what happens then
yes?
ok?
are you sure?
yes, is it free
yes, can I still return it
yes can you tell me the fee
yes if it is free
yes, unless it has shipped
yes, once I get the refund
yes, after the delivery
yes, later
yes tomorrow
ok wait
wait
hold on
sure, but first tell me the fee
maybe
I think so
I guess
yes I guess
not sure
I am not sure
yes and no
yes, cancel the other one
yes, cancel A-2000
yes, cancel A-1007 and A-1008
yes, and refund me to my card
yes, change the address instead
cancel
cancel it
please cancel
cancel that
stop
never mind
forget it
keep it
yes, keep it
yes keep my order
yes, stop
ok, let me check with my wife
yes I know
yes it was late
thanks
hello
what
why
how much is it
ok how
let me confirm
I will confirm tomorrow
right
ok I cannot
yes I dont want that
yes, I won't cancel
yes without a fee
ok so
yes, so?
yes please explain
yesterday
""".strip().splitlines()

YES_ZH = """
是
是的
是的。
好
好的
好的！
好啊
好吧
好的，请取消
好的，取消吧
好，取消
好的，麻烦取消一下
好的，谢谢
好的，麻烦您了
对
对的
对，取消
行
行，取消吧
行吧，取消
可以
可以，取消吧
可以的，请取消
确认
确认。
我确认
确认取消
确认取消订单
确认取消这个订单
请确认取消，谢谢
我确认取消订单A-1007
确认取消A-1007
确定
确定取消
我确定要取消
确定，帮我取消吧
同意
同意取消
没错
没错，取消
没问题
没问题，取消吧
当然
当然可以
是的，取消吧
是的，我要取消
是的，请帮我取消订单
是的，请把咖啡机的订单取消掉
是的，现在就取消
对，马上取消
嗯，好的
嗯嗯，取消吧，确认
执行吧
继续
继续取消
就这么办
取消吧，确认
那就取消吧，好的
OK，取消吧
ok
yes，取消
確認取消
好的，請取消這個訂單
沒問題，請取消
是的，麻煩您了
""".strip().splitlines()

NO_ZH = """
不
不要
不是
不行
不用了
不用了谢谢
不取消
别取消
先别取消
不要取消
好的，不取消了
好的，别取消
好的，不要
是的，但是不要
是的，但我想保留咖啡机
好，但要退款
是的，取消会怎么样？
取消了会怎么样
好的，要手续费吗
可以吗
可以退款吗
好吗
是吗
确定吗
确认什么
是的，如果能退款就取消
要是免费就取消
可以的话就取消
好的，等我收到退款
等一下
等等
等会再说
好的，稍等
先等等
好的，先告诉我运费
是的，然后退款到银行卡
我再想想
让我考虑一下
算了
算了吧
没有
没
还没确定
不确定
不确认
我不同意
不是的
取消
取消吧
请取消
取消订单
取消这个
停
停止
放弃
对了
好了
行了
随便
可能吧
也许
应该是
是不是
能不能取消
是否取消
怎么取消
为什么
多少钱
哪个订单
好的，取消另一个
好的，取消A-2000
好的，换一个
好的，改成明天
是的，取消两单
是的，我知道
谢谢
你好
無所謂
没问题吧
对吧
是的吧
可以吧
確定嗎
是的，不過不要取消
""".strip().splitlines()


@pytest.mark.parametrize("question", [ASKED, ASKED_ZH, ""])
@pytest.mark.parametrize("said", [s for s in YES if "coffee" not in s])
def test_a_yes_is_a_yes_however_it_is_said(said: str, question: str) -> None:
    assert confirms(said, CANCEL, question)


@pytest.mark.parametrize("said", [s for s in YES if "coffee" in s])
def test_the_action_may_be_said_in_the_words_of_the_question(said: str) -> None:
    assert confirms(said, CANCEL, ASKED) and not confirms(said, CANCEL, "")


@pytest.mark.parametrize("said", YES_ZH)
def test_a_chinese_yes_is_a_yes_however_it_is_said(said: str) -> None:
    assert confirms(said, CANCEL, ASKED_ZH)


@pytest.mark.parametrize("question", [ASKED, ASKED_ZH])
@pytest.mark.parametrize("said", NO)
def test_what_is_no_clear_yes_is_none(said: str, question: str) -> None:
    assert not confirms(said, CANCEL, question)


@pytest.mark.parametrize("question", [ASKED, ASKED_ZH])
@pytest.mark.parametrize("said", NO_ZH)
def test_what_is_no_clear_yes_in_chinese_is_none(said: str, question: str) -> None:
    assert not confirms(said, CANCEL, question)


def test_there_are_enough_phrases_each_way() -> None:
    assert all(len(set(each)) >= 40 for each in (YES, NO, YES_ZH, NO_ZH))


@pytest.mark.parametrize("said", ["yes, cancel it", "ok cancel", "yes, stop", "go ahead and stop"])
def test_a_word_of_stopping_is_no_yes_to_an_action_that_is_none(said: str) -> None:
    assert not confirms(said, BOOK, ASKED_BOOK)


@pytest.mark.parametrize("said", ["确认取消", "好的，取消吧", "是的，请停止", "可以，作废"])
def test_a_chinese_word_of_stopping_is_no_yes_to_an_action_that_is_none(said: str) -> None:
    assert not confirms(said, BOOK, ASKED_BOOK_ZH + "回复“是”确认，回复“取消”放弃。")


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("yes, book it", ASKED_BOOK),
        ("Yes please book the appointment on Monday", ASKED_BOOK),
        ("ok, book Dr Chen", ASKED_BOOK),
        ("是的，请预约", ASKED_BOOK_ZH),
        ("好的，帮我预约周一的门诊", ASKED_BOOK_ZH),
        ("可以，就预约陈医生吧", ASKED_BOOK_ZH),
    ],
)
def test_another_action_is_said_again_in_its_own_words(said: str, question: str) -> None:
    assert confirms(said, BOOK, question)


@pytest.mark.parametrize("said", ["yes, book Dr Wang", "yes, on Tuesday", "好的，预约王医生"])
def test_a_yes_to_something_else_is_none(said: str) -> None:
    assert not confirms(said, BOOK, ASKED_BOOK + ASKED_BOOK_ZH)


@given(st.sampled_from([*YES, *YES_ZH]), st.sampled_from(
    ["but not yet", "if it is free", "?", "what then", "unless it shipped", "wait", "maybe later",
     "但是先别", "如果免费", "吗", "等一下", "不", "再想想", "？", "还是算了"]
), st.booleans())  # fmt: skip
def test_what_takes_a_yes_back_does_so_before_and_after_it(
    said: str, taken: str, before: bool
) -> None:
    message = f"{taken} {said}" if before else f"{said} {taken}"
    assert not confirms(message, CANCEL, ASKED + ASKED_ZH)


@given(st.text(max_size=40))
def test_no_text_at_all_makes_it_fail(said: str) -> None:
    confirms(said, CANCEL, ASKED)
