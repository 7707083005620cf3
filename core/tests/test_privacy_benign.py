"""Ordinary sentences in which nothing may be hidden; dates by themselves are kept by policy."""

import pytest

from metier.privacy import Detector

BENIGN = """
What is 12 * 3 + 4?
Solve 2x + 5 = 17 for x, please.
The area of a circle with radius 7 is about 153.94.
In 1969 the first people walked on the Moon.
World War II ended in 1945 and the treaty came later.
Explain photosynthesis to a ten-year-old.
Isaac Newton described gravity in 1687.
Who wrote Pride and Prejudice?
I am reading Harry Potter and the Goblet of Fire.
Compare Jane Eyre with Great Expectations.
The quadratic formula has a discriminant of b^2 - 4ac.
Hi there, can you help me with fractions?
Hello! How does the French Revolution relate to Napoleon?
Please check the answer to question 14 on page 203.
My exam is on 12 March at 9:30.
I scored 85% on the test and 90 on the next one.
Is 3.14159 a good value for pi?
The test is from May to June.
Will you explain it again?
April is warmer than March.
I take 400 mg of ibuprofen twice a day.
What is the maximum dose of paracetamol for adults, 4 g in 24 hours?
My blood pressure is 140/90 and my pulse is 72.
I am 45 years old and I have had a cough for 3 weeks.
Can I take Lipitor with grapefruit juice?
My daughter has had a fever of 39.2 since Monday.
Is metformin 850 mg safe with alcohol?
What are the symptoms of Lyme disease?
I was diagnosed with Crohn's disease in 2015.
The doctor said my HbA1c is 6.8.
Should I call 911 or go to the emergency room?
Where can I find the nearest hospital in London?
I'm allergic to penicillin and peanuts.
How many calories are in 100 grams of rice?
My order has not arrived yet, where is it?
I want to return the Galaxy S23 and get an iPhone 15 Pro.
The parcel should have come on 2024-03-15.
Please cancel my subscription and refund $49.99.
The charger stopped working after 2 weeks.
My password is incorrect and I cannot log in.
How do I reset my password?
Your delivery takes 3 to 5 business days.
The card was declined at the store.
The app version 10.2.1.4 crashes on Windows 11.
Is the Kindle Paperwhite waterproof?
I flew from Paris to New York and lost my bag.
What is your return policy for Black Friday deals?
The error code is 404 when I open the page.
Write a poem about autumn in Vermont.
Make this paragraph shorter and more formal.
Does a comma go before the word and?
Write an essay of 500 words on climate change.
Best wishes for the new year!
Thanks for your help, that was great.
Rewrite the sentence in the passive voice.
The Grand Canyon is in Arizona.
I grew up in Germany and moved to Canada.
See https://www.nhs.uk/conditions/flu for details.
I hope the rose will bloom and the mark will fade.
She asked with grace and joy.
Use the @property decorator in Python.
The meeting is on Friday at 3 pm in room 12.
The ratio is 16:9 and the time is 12:30:45.
圆的面积公式是什么？
请解释一下勾股定理。
一个数的3倍加上5等于20，这个数是多少？
第二次世界大战在1945年结束。
李白的诗有什么特点？
请帮我修改这篇作文，不少于800字。
高中数学应该怎么学？
我是一个学生，喜欢历史和音乐。
许多老师都说这本书很好。
王国的历史很有意思，黄河和长江都很长。
我今年35岁，最近总是头疼。
布洛芬400毫克一天可以吃几次？
血压140/90正常吗？
我对青霉素过敏，可以吃阿莫西林吗？
孩子发烧39度，需要看医生吗？
高血压患者可以喝咖啡吗？
我想退货，什么时候能收到退款？
我的订单还没有到，怎么办？
请问这个商品有黑色的吗？
快递一般需要3到5天。
我忘记密码了，怎么重置？
我从北京坐高铁到上海，只要4个半小时。
明天天气怎么样？
请把这句话翻译成英文。
方程的解是x等于7。
周末我们去爬黄山，高兴极了。
春天来了，花都开了。
""".strip().splitlines()


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.mark.parametrize("sentence", BENIGN)
def test_ordinary_sentences_have_no_spans(detector: Detector, sentence: str) -> None:
    # A place is one; whether it is hidden is the policy's affair.
    told = {"DATE_TIME", "LOCATION", "COUNTRY"}
    spans = [s for s in detector.scan(sentence) if s.entity not in told]
    assert [(s.entity, sentence[s.start : s.end]) for s in spans] == []


def test_the_list_is_long_and_in_both_languages() -> None:
    assert len(BENIGN) >= 60
    assert sum(not sentence.isascii() for sentence in BENIGN) >= 20
