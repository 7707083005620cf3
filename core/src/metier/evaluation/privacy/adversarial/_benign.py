"""Benign twins: what looks like a disguised value and is none."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

FIXED = (
    "One two three four five, once I caught a fish alive.",
    "Count with me: one two three four five six seven eight nine ten!",
    "Version four point one point one is out.",
    "Upgrade from one dot two to one dot three dot four.",
    "We meet at three at the library, at four at the cafe.",
    "Meet me at example.com's booth, hall four.",
    "Look at wikipedia.org for more.",
    "The dot at the end of the sentence is at position nine.",
    "Chapters one, two, three and four are due on Monday.",
    "Two plus two is four, four plus four is eight, eight plus eight is sixteen.",
    "He scored four six four six, then one four one one in the over.",
    "The sequence is zero one one two three five eight thirteen.",
    "Binary: 1 0 1 1 0 1 0 0 1 1 0 1",
    "Pi is 3.14159265358979 and e is 2.71828182845904.",
    "3 1 4 1 5 9 2 6 5 3 5 are the first digits of pi.",
    "The primes are 2 3 5 7 11 13 17 19 23 29 31.",
    "Solve 4111 * 1111 = x and 12 * 34 * 56 * 78.",
    "Plot the points (1.5, 2.25), (3.75, 4.5) and (6.125, 7.0).",
    "Homework: A is at 3,4 and B at -7,12; how far apart are they?",
    "ISBN 978-3-16-148410-0, second edition.",
    "See ISBN 0-306-40615-2, pages 120-145.",
    "Order 250 of part 1200-3400 and 75 of part 1200-3500.",
    "const MAX_INT = 2147483647;",
    "SEED = 0xDEADBEEF; MASK = 0x0000FFFF",
    "timeout = 30_000; limit = 1_000_000_000",
    "x = [1111, 2222, 3333, 4444]",
    'names = ["alpha" + "beta", "gamma"]',
    "print('four' + 'one')",
    "The regex is [0-9]{4}-[0-9]{4} and the glob is **/*.py",
    "**Note** the *first* and the **second** item, `x1` and `x2`.",
    "<b>4</b> apples and <i>12</i> pears, <td>100</td><td>200</td><td>300</td>",
    "Use &lt;b&gt; for bold and &#169; for the sign.",
    "https://docs.example.org/v2/guide?page=3&size=100",
    "https://example.org/search?q=100%25%20cotton",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91 is base64 for a greeting.",
    "68656c6c6f20776f726c642c2068656c6c6f is hex for a greeting.",
    "L33t sp34k 1s fun, n00b!",
    "IOU 100 bucks, BOSS!",
    "The model is BX5OO-IIS and the other SO1I.",
    "Rotate the word uryyb by thirteen.",
    "The score was 3 - 2 - 1 - 0 in the end.",
    "Set the thermostat to 18 / 19 / 20 / 21.",
    "The years 1914 1918 1939 1945 changed Europe.",
    "1914-1918, 1939-1945 and 1950-1953",
    "Sizes: 36 38 40 42 44 46",
    "Lap times 58.12 59.03 58.77 60.41",
    "The grid is 1 2 3\n4 5 6\n7 8 9",
    "Item A - 1200\nItem B - 3400\nItem C - 5600",
    "IPv4 has 4 294 967 296 addresses.",
    "The population is 1 411 750 000.",
    "It costs 1,299.00, then 2,450.50 and 3,100.75.",
    "A five six seven combo, ten times.",
    "one small step for a man, one giant leap",
    "I have double the two and triple the three.",
    "Seven eight-hour days and nine five-minute breaks.",
    "一二三四五，上山打老虎。",
    "一二三四五六七八九十，数到十。",
    "他三三两两地来，七七八八地走。",
    "二零二四年五月十二日开会。",
    "第一百二十三章，第四节。",
    "三百六十五天，二十四小时。",
    "一五一十地说，不三不四的人。",
    "版本是三点一点四，请升级。",
    "三加四等于七，七加八等于十五。",
    "一心一意，三心二意，五湖四海。",
    "圆周率是三点一四一五九二六。",
    "菲波那契数列：一一二三五八。",
    "订购120个A型和350个B型。",
    "坐标是（3，4）和（-7，12），求距离。",
    "计算 125×8×4 和 36÷9+12。",
    "第①题到第⑩题，每题2分。",
    "步骤：① 打开 ② 点击 ③ 保存 ④ 退出",
    "从周一到周五，九点到五点。",
    "书号 978-7-02-000220-7，定价59.70元。",
    "请看 example.com 的第三章。",
    "艾特一下负责人，点一下链接。",
    "他在三点二十分到，四点五十走。",
    "x² + y² = z²，H₂O 和 CO₂",
    "代码里 i = 0; j = 1; k = 10",
    "请把二三四五六七各写一行。",
    "零一万物发布了新模型。",
    "五四三二一，发射！",
    "九八七六五四三二一倒数。",
)
"""Written by hand."""


def benign_texts() -> Iterator[str]:
    """The fixed texts, and some drawn by chance."""
    yield from FIXED
    r = Random("benign")  # noqa: S311 - repeatable on purpose
    for _ in range(8):
        yield f"Compute {r.randint(100, 9999)} + {r.randint(100, 9999)} - {r.randint(10, 99)}."
        yield f"Release {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 300)} fixes it."
        yield f"We need {r.randint(100, 999)} bolts, {r.randint(100, 999)} nuts by May."
        yield f"The mean of {', '.join(str(r.randint(10, 99)) for _ in range(7))}?"
        yield f"Vector ({r.uniform(-9, 9):.3f}, {r.uniform(-9, 9):.3f}, {r.uniform(-9, 9):.3f})"
        yield f"请算出{r.randint(100, 9999)}乘以{r.randint(10, 99)}的结果。"
        yield f"共{r.randint(100, 9999)}件，每箱{r.randint(10, 99)}件，要几箱？"
        yield f"#define BUF_{r.randint(1, 9)} 0x{r.randrange(2**32):08x}"
