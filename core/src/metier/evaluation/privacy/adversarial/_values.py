"""Invented values with real checksums, drawn from a seeded source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FIRST = ("john", "anna", "peter", "maria", "tobias", "lena", "oscar", "nadia", "ivan", "chloe")
_LAST = ("smith", "keller", "novak", "rossi", "larsen", "murphy", "weiss", "santos", "brandt")
_HOSTS = ("example.com", "mailbox.org", "postbox.net", "uni-web.edu", "corp-mail.com", "qqmail.cn")


def digits(r: Random, count: int) -> str:
    """So many digits."""
    return "".join(str(r.randint(0, 9)) for _ in range(count))


def card(r: Random) -> str:
    """A card number of sixteen digits, with its check digit (ISO/IEC 7812)."""
    body = r.choice(("4", "51", "55", "6225")) + digits(r, 15)
    body = body[:15]
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def mobile(r: Random) -> str:
    """A mobile number of mainland China."""
    return f"1{r.choice('35789')}{digits(r, 9)}"


def phone(r: Random) -> str:
    """A telephone number of North America, ten digits."""
    area = r.choice(("212", "415", "617", "312", "206", "303", "512"))
    return f"{area}{r.randint(2, 9)}{r.randint(2, 9)}{digits(r, 5)}"


def resident_id(r: Random) -> str:
    """A resident identity number of China, with its check character (GB 11643)."""
    place = r.choice(("110105", "310104", "440305", "510107", "330106"))
    born = f"{r.randint(1950, 2005)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
    body = f"{place}{born}{digits(r, 3)}"
    total = sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def resident_digits(r: Random) -> str:
    """As `resident_id`, one whose check character is a digit."""
    while (value := resident_id(r))[-1] == "X":
        pass
    return value


def ssn(r: Random) -> str:
    """A social security number, nine digits."""
    return f"{r.randint(100, 665)}{r.randint(10, 99)}{r.randint(1000, 9999)}"


def iban(r: Random) -> str:
    """A German account number with its check digits (ISO 13616)."""
    body = digits(r, 18)
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def email(r: Random) -> str:
    """An e-mail address of two names."""
    return f"{r.choice(_FIRST)}.{r.choice(_LAST)}@{r.choice(_HOSTS)}"


def name(r: Random) -> str:
    """An English name."""
    return f"{r.choice(_FIRST)} {r.choice(_LAST)}".title()


VALUES: Mapping[str, Callable[[Random], str]] = {
    "card": card,
    "mobile": mobile,
    "phone": phone,
    "id": resident_digits,
    "ssn": ssn,
    "iban": iban,
    "email": email,
    "name": name,
}
"""The kinds of value, and what draws one."""

NUMBERS = ("card", "mobile", "phone", "id")

FRAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "card": ("My card is {}, is that right?", "Please charge {} today.", "{}",
                 "The number on the front reads {}. Thanks!"),
        "mobile": ("You can call me on {}.", "My phone number is {}, after six.",
                   "Text {} when you are there."),
        "phone": ("You can call me on {}.", "My phone number is {}, after six.",
                  "Text {} when you are there."),
        "id": ("The Chinese ID card says {}.", "{} is what the ID shows.", "Check {} please."),
        "ssn": ("My SSN is {}.", "Social security number: {}.", "His SSN, {}, was on the form."),
        "iban": ("Transfer it to {}.", "IBAN: {}", "My account is {}, as before."),
        "email": ("Write to {} please.", "My e-mail is {}.", "You'll find me at {}, mostly."),
        "name": ("My name is {}.", "Kind regards,\n{}", "Please ask {} about it."),
    },
    "zh": {
        "card": ("我的卡号是{}，请核对。", "请从{}扣款。", "{}", "银行卡{}丢了怎么办？"),
        "mobile": ("我的手机号是{}，请打给我。", "电话：{}", "加我微信，号码{}。"),
        "phone": ("我的美国电话是{}。", "请打{}找我。", "联系电话{}，晚上方便。"),
        "id": ("身份证号{}，帮我看看。", "我的身份证是{}。", "证件：{}"),
        "ssn": ("我的社会安全号是{}。", "SSN：{}", "表上的SSN是{}，对吗？"),
        "iban": ("请转账到{}。", "IBAN：{}", "账户是{}，和上次一样。"),
        "email": ("请发到{}。", "我的邮箱是{}，谢谢。", "邮箱：{}"),
        "name": ("我的名字是{}。", "请联系{}。", "姓名：{}"),
    },
}  # fmt: skip
"""Sentences around a value, by language and kind."""
