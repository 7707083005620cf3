"""Traditional characters of the shop's words, read as simplified ones."""

from __future__ import annotations

import unicodedata

_PAIRS = """
訂订 單单 貨货 運运 費费 發发 錢钱 帳账 賬账 號号 戶户 碼码 壞坏 維维 證证 聯联 絡络 轉转 請请 謝谢 們们 這这 個个 為为
麼么 嗎吗 裡里 裏里 還还 沒没 給给 說说 話话 問问 題题 時时 間间 幾几 過过 會会 對对 開开 關关 買买 賣卖 貴贵 價价 優优
遲迟 達达 遞递 屬属 點点 後后 從从 來来 現现 應应 該该 讓让 幫帮 處处 經经 辦办 員员 實实 應应 騙骗 爛烂 滿满 誤误 換换
紙纸 術术 郵邮 電电 網网 銀银 寶宝 積积 顏颜 銷销 責责 賠赔 償偿 擇择 確确 認认 標标 籤签 損损 費费 貼贴 禮礼 預预
""".split()  # noqa: SIM905 -- pairs read better as a list of words
_TABLE = {ord(pair[0]): pair[1] for pair in _PAIRS}


def fold(text: str) -> str:
    """The text with full width, case, apostrophes and traditional characters folded."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_TABLE)
    return plain.replace("’", "'").replace("‘", "'")
