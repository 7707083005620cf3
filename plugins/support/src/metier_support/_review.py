"""The checks of an answer, whoever wrote it: no action that no tool performed, no state of an order
that nobody looked up, no promise that no policy makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from metier.model import Turn
from metier_support._answer import tool_results
from metier_support._han import fold
from metier_support._orders import canonical
from metier_support._words import say

_MARK = re.compile(r"\s*\[\d{1,2}\]|^\s*[-*•]\s*")
_ORDER = re.compile(r"\bord-\d{4,8}\b", re.I)
_DONE = r"(?:cancell?ed|refunded|returned|processed|issued|changed|updated|replaced|exchanged|re-?sent|sent|reimbursed|credited|approved|arranged|booked|completed|closed|deleted|corrected|applied|registered|submitted|filed|escalated|forwarded|opened|created|transferred)"
_CLAIM = re.compile(
    rf"\bi(?:'ve| have|'ll have| had)?(?: now| just| already| successfully| gone ahead and| went ahead and)* {_DONE}\b"
    rf"|\bwe(?:'ve| have)(?: now| just| already| successfully)* {_DONE}\b"
    rf"|\b(?:your|the|this|that|an?|it|order(?: <[^>]+>| ord-\d+)?|refund|return|payment|address|ticket|request|cancellation|complaint)\b[^.!?;,]{{0,40}}?"
    rf"\b(?:has|have|had) (?:now |just |already |successfully )*been (?:now |just |already |successfully )*{_DONE}\b"
    rf"|\b(?:your|the|this|that|it|order(?: <[^>]+>| ord-\d+)?|refund|return|payment|address|request|cancellation)\b[^.!?;,]{{0,40}}?(?:'s| is| was|'re| are)(?: now| already| successfully)* {_DONE}\b"
    r"|^(?:done|all done|all set)\b|\b(?:order|refund|return|cancellation|request) (?:successfully )?(?:cancell?ed|refunded|processed|confirmed|completed|complete|submitted)\b"
    r"|\b(?:refund|money|replacement|parcel|package) (?:is|are) (?:now )?(?:on (?:its|the) way|under way|being processed)\b|\bcancellation (?:is|was) (?:confirmed|successful|complete)\b"
    r"|\bi(?:'m| am) (?:now )?(?:cancell?ing|refunding|processing|transferring|changing)\b"
    r"|(?:已经?|刚刚?|刚才)(?:成功)?(?:帮您|为您|给您|帮你|为你|给你|替您)?(?:成功)?(?:取消|退款|退货|办理|处理|修改|更改|更新|改好|提交|登记|安排|转接|转给|创建|换货|补发|退还)"
    r"|(?:帮您|为您|给您|帮你|为你|给你|替您)(?:成功)?(?:取消|退款|办理|处理|修改|更改|改|提交|登记|安排|转接|创建|换|补发|退还)(?:好|完|成)?了"
    r"|(?:订单|退款|退货|地址|工单|申请|投诉)(?:号?\s?[a-z0-9-]*)?(?:已经?|都)?(?:成功)?(?:取消|退款|办理|处理|修改|提交|登记|创建|受理)(?:成功|完成|完毕|好了|了)|(?:取消|退款|修改|退货|办理|提交)成功"
    r"|(?:退款|钱款?|包裹).{0,4}(?:在路上|已原路退回|已到账|正在处理)|地址.{0,6}改好了|已(?:取消|退款|办妥|受理)",
    re.I,
)
_STATE = re.compile(
    r"\b(?:your|the|this|that|order(?: <[^>]+>| ord-\d+)?|it|package|parcel)\b[^.!?;,]{0,30}?(?:'s| is| was| has| have)(?: now| already| just| still)*(?: been)? "
    r"(?P<state>shipped|dispatched|delivered|out for delivery|in transit|on (?:its|the) way|being prepared|(?:still )?processing|in process)\b"
    r"|\b(?:it|your (?:order|package|parcel)|the (?:order|package|parcel)) (?:will|should|is (?:due|expected) to) (?:arrive|be delivered|be there|reach you)\b"
    r"|(?:您的|你的|该|这笔|此)?(?:订单|包裹|快递)(?:号?\s?[a-z0-9-]*)?(?:已经?|正在|目前)(?P<zh>发货|寄出|送达|签收|备货|派送|运输|在途)", re.I,
)  # fmt: skip
_STATES = {
    "shipped": "shipped", "dispatched": "shipped", "out for delivery": "shipped", "in transit": "shipped",
    "on its way": "shipped", "on the way": "shipped", "delivered": "delivered", "being prepared": "processing",
    "processing": "processing", "still processing": "processing", "in process": "processing",
    "发货": "shipped", "寄出": "shipped", "派送": "shipped", "运输": "shipped", "在途": "shipped",
    "送达": "delivered", "签收": "delivered", "备货": "processing",
}  # fmt: skip
_OPEN = re.compile(
    r"\b(?:if|once|when|whenever|unless|until|after|before|in case|orders? (?:that|which)|items? (?:that|which)|an order|any order|every|can|could|may|would you|shall i|should i|do you|did you"
    r"|has not|have not|hasn'?t|haven'?t|not been|isn'?t|wasn'?t|is not|was not|not yet|nothing|no|cannot|can'?t|unable|never|must be|needs? to be|to be|will be|whether)\b"
    r"|如果|若|一旦|等|之后|以后|当|除非|可以|能否|是否|要不要|需要|还没|没有|尚未|未|无法|不能|不会|才能|将|吗", re.I,
)  # fmt: skip
_PROMISE = re.compile(
    r"\b(?:we|i)(?:'ll| will| shall| promise to| guarantee to| can offer(?: you)?| am going to|'m going to| would like to offer)(?: you)?(?: \w+){0,3}? ?(?:refund|compensat\w+|reimburse|give you|credit|discount|voucher|coupon|waive|replace|free|upgrade|gift|pay)"
    r"|\byou(?:'ll| will| are going to| get)(?: \w+){0,3}? ?(?:refund|compensation|discount|voucher|coupon|money back|replacement|free)\b"
    r"|\b(?:guarantee[sd]?|promise[sd]?|i assure you)\b|\b\d{1,2} ?% (?:off|discount)\b"
    r"|保证|承诺|一定(?:会)?(?:退款|赔偿|退|赔|送到)|(?:我们|我)(?:会|将|可以)(?:给您|给你|为您|全额)?(?:退款|赔偿|补偿|赠送|打折|优惠|免单)|(?:给您|送您|赠送|补偿).{0,4}(?:优惠券|代金券|折扣|红包|积分)|打[一二三四五六七八九\d]折|双倍赔偿", re.I,
)  # fmt: skip
_NO_PROMISE = re.compile(
    r"\b(?:can'?t|cannot|not|unable to|no)\b.{0,12}\b(?:promise|guarantee)|(?:无法|不能|不)(?:保证|承诺)",
    re.I,
)


def review(turn: Turn, sentence: str) -> tuple[str, str]:
    """Judges one sentence.

    Returns: (code, what to say instead); ("", "") where it may go out.
    """
    plain = fold(_MARK.sub("", sentence)).strip()
    if not plain or _quoted(turn, plain) or plain.endswith(("?", "？")):
        return "", ""
    results = tool_results(turn)
    claim = _CLAIM.search(plain)
    if (
        claim
        and not _OPEN.search(plain[: claim.end()])
        and not _performed(plain, claim.group(), results)
    ):
        return "action_not_done", say("claimed", turn.language)
    state = _STATE.search(plain)
    if state and not _OPEN.search(plain[: state.end()]) and not _looked_up(plain, state, results):
        return "state_not_looked_up", say("not_looked_up", turn.language)
    if _PROMISE.search(plain) and not _NO_PROMISE.search(plain):
        return "promise", say("no_promise", turn.language)
    return "", ""


def _quoted(turn: Turn, plain: str) -> bool:
    """Whether the sentence stands in the shop's documents, word for word."""
    bare = plain.rstrip(".。!！")
    return len(bare) > 5 and any(
        bare in fold(p.text) for p in turn.passages if p.kind == "knowledge"
    )


def _performed(sentence: str, claim: str, results: Sequence[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether a tool of this turn did what the sentence claims, to the order it names."""
    named = [canonical(n) for n in _ORDER.findall(sentence)]
    if re.search(r"cancel|取消|^(?:done|all)", claim):
        done = [
            str(r.get("order", ""))
            for name, r in results
            if (name == "cancel_order" and r.get("cancelled")) or r.get("status") == "cancelled"
        ]
        done += [
            o["order"]
            for _, r in results
            for o in r.get("orders", ())
            if o["status"] == "cancelled"
        ]
        return bool(done) and all(n in map(canonical, done) for n in named)
    if re.search(
        r"ticket|transferr|forward|escalat|open|creat|工单|转|创建|提交|complaint|投诉|受理|登记",
        claim,
    ):
        return any(name == "handover" and "ticket" in r for name, r in results)
    return False


def _looked_up(
    sentence: str, match: re.Match[str], results: Sequence[tuple[str, Mapping[str, Any]]]
) -> bool:
    """Whether a tool of this turn found an order in that state, the one the sentence names."""
    orders = [r for _, r in results if "status" in r]
    orders += [o for _, r in results for o in r.get("orders", ())]
    orders += [{"order": r["order"], "status": r["reason"]} for _, r in results if "reason" in r]
    named = [canonical(n) for n in _ORDER.findall(sentence)]
    wanted = _STATES.get((match["state"] or match["zh"] or "").lower())
    return any(
        (wanted is None or o["status"] == wanted) and (not named or canonical(o["order"]) in named)
        for o in orders
    )
