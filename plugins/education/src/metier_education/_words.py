"""The sentences of the tutor, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

_SAID: Mapping[str, tuple[str, str]] = {
    "new": ("Let's work on {p} together ({skill}). One hint at a time:\n\n{hint}",
            "我们一起做 {p}（{skill}）。一次一个提示：\n\n{hint}"),
    "next": ("{p}: next hint.\n\n{hint}", "{p}，下一个提示：\n\n{hint}"),
    "last": ("That was my last hint for {p}. Here it is once more:\n\n{hint}\n\n"
             "Write down whatever you have, even half a line, and I'll check it.",
             "{p} 的提示已经给完了，再看一次：\n\n{hint}\n\n把你写到的步骤发给我，哪怕只有半行，我来检查。"),
    "give_up": ("I leave the last step to you, because finding it is what makes it stick. {hint}\n\n"
                "Send me your next line and I'll check it.",
                "最后一步我留给你，自己做出来才记得牢。{hint}\n\n把你的下一步发给我，我来检查。"),
    "right": ("Yes, that is right: {a}. Well done. Can you say in your own words why the last step "
              "works?",
              "对，{a} 是正确的，做得好！你能用自己的话说说最后一步为什么成立吗？"),
    "simplest": (" It can also be written more simply. Can you see how?", "它还可以写得更简单，你看出来了吗？"),
    "partly": ("Yes, {a} is right, and there is more to find. Go on.", "对，{a} 是正确的，但还没有找全，继续。"),
    "mixed": ("{a} is right; {b} is not. Check it by putting it into {p}.",
              "{a} 是正确的，{b} 不对。把它代入 {p} 检验一下。"),
    "near": ("{a} is right to that many places. Can you give it exactly, as a fraction or with a root?",
             "{a} 按这个精度是对的。你能写出准确值吗（用分数或根号）？"),
    "simpler": ("{a} is worth the same, but it isn't finished: a number still divides both.",
                "{a} 大小相等，但还没有化完：分子分母还有公因数。"),
    "wrong": ("Not yet: {a} is not it. {why}\n\nHint: {hint}", "还不对：不是 {a}。{why}\n\n提示：{hint}"),
    "step_right": ("Yes, {s} is right. Next:\n\n{hint}", "对，{s} 没错。接下来：\n\n{hint}"),
    "step_wrong": ("Not yet: {s} doesn't follow from {p}. {why}\n\nHint: {hint}",
                   "还不对：由 {p} 得不到 {s}。{why}\n\n提示：{hint}"),
    "sum_wrong": ("Look at {s} again: it is not true.\n\nHint: {hint}", "再看看 {s}，它不成立。\n\n提示：{hint}"),
    "back": ("Whenever you like, we go on with {p}.", "想好了，我们就继续做 {p}。"),
    "aside": ("I have nothing in my sources about that. We were working on {p}: shall we go on? "
              "Say “hint” for the next one.",
              "我的资料里没有这方面的内容。我们刚才在做 {p}，继续吗？说“提示”就给下一个提示。"),
    "sources": ("From my sources, quoted as they are (I have no language model here):",
                "以下是资料中的原话（我没有使用语言模型）："),
    "try": ("Want to try one? {e}", "想试一题吗？{e}"),
    "exercise": ("Try this one: {e}\n\nSend me your first line or your answer, or say “hint”.",
                 "试试这一题：{e}\n\n把你的第一步或答案发给我，或者说“提示”。"),
    "reflect": ("Good that you put it into words: that is what makes it stick. I can check calculations, "
                "not explanations, so compare yours with the steps you wrote.",
                "能用自己的话说出来很好，这样才记得牢。我只能检查计算，不能评判文字解释，请对照你写的步骤看看。"),
    "zero": ("Nothing can be divided by 0: no number times 0 gives anything but 0, so such a fraction has no "
             "value. Look for the 0 below the line.",
             "0 不能作除数：任何数乘 0 都得 0，所以这样的式子没有意义。看看哪里除以了 0。"),
    "big": ("That number is larger than I work out. Powers keep growing: try a smaller one of the same kind "
            "and look for the pattern.",
            "这个数太大，我不计算。可以先试一个小一点的同类题，找找规律。"),
    "beyond": ("I can't check {p}. I read calculations, percentages, square roots, equations and inequalities in "
               "one unknown, and two linear equations with two unknowns. Can you write it as one of these?",
               "{p} 我没法检查。我能读的是：四则运算、百分数、平方根、一元方程和不等式、二元一次方程组。能写成其中一种吗？"),
    "unread": ("I can't read that as mathematics I know. I read calculations, percentages, square roots, equations and "
               "inequalities in one unknown, and two linear equations with two unknowns, such as 2x + 3 = 11.",
               "这个算式我读不懂。我能读的是：四则运算、百分数、平方根、一元方程和不等式、二元一次方程组，比如 2x + 3 = 11。"),
    "higher": ("That topic is beyond what I have material on. I teach arithmetic, fractions, percentages, roots, powers, "
               "equations and inequalities in one unknown, and two linear equations with two unknowns.",
               "这个内容超出了我的资料范围。我能教的是：四则运算、分数、百分数、根与幂、一元方程和不等式、二元一次方程组。"),
    "same": ("Yes, {a} and {b} are worth the same. How can you show it?", "对，{a} 和 {b} 大小相等。你能说明为什么吗？"),
    "not_same": ("No, {a} and {b} are not the same. Write both in the same way and compare.",
                 "不，{a} 和 {b} 不相等。把两个数写成同一种形式再比较。"),
    "bracket": ("A bracket is opened and not closed (or the other way round). Where does it end?",
                "括号没有配对：有一个括号没有关上（或没有打开）。它应该在哪里结束？"),
    "which": ("Gladly. Which problem is it? Send me the calculation or the equation as it stands, or tell me which "
              "word or rule you would like explained.",
              "好的。是哪一道题？把算式或方程原样发给我，或者告诉我想弄懂哪个概念。"),
    "no_problem": ("I don't know yet which problem {a} belongs to. Send me the problem too, and I'll check it.",
                   "我还不知道 {a} 是哪道题的答案。把题目也发给我，我来检查。"),
    "apply": ("Write that as one calculation with your numbers ({numbers}) and I'll check it.",
              "用你的数（{numbers}）写成一个算式发给我，我来检查。"),
    "story": ("I can't read a story, only the mathematics in it, so the first step is yours:\n\n"
              "1. What is asked for? Give it a letter if it is unknown.\n"
              "2. Which numbers are given ({numbers}), and what happens to them: added, taken away, shared, "
              "a percentage of something?\n"
              "3. Write that as one calculation or equation and send it to me. I'll check it and help from there.",
              "我读不懂故事，只能读算式，所以第一步由你来：\n\n"
              "1. 题目问什么？是未知数就用一个字母表示。\n"
              "2. 已知哪些数（{numbers}）？它们之间是加、减、平均分，还是几分之几、百分之几？\n"
              "3. 写成一个算式或方程发给我，我来检查，再一起往下做。"),
    "no_sum": ("I can check a calculation, but a number alone doesn't tell me how you got it. Write the whole "
               "calculation, such as “… - … = {a}”.",
               "我能检查算式，但只有一个数，我看不出你是怎么算的。请写出整个算式，比如“… - … = {a}”。"),
    "fits": (" I checked the calculation; whether it fits the story is for you to say.",
             "我检查了计算；它是否符合题意，请你自己判断。"),
    "hello": ("Hello! Send me a calculation or an equation and I'll give you one hint at a time and check your "
              "steps. You can also ask what something means ({topics}), or say “exercise”.",
              "你好！发一道算式或方程给我，我会一次给一个提示，并检查你的每一步。也可以问概念（{topics}），或者说“出一道题”。"),
    "bye": ("You're welcome. Say “exercise” when you want another one.", "不客气。想再练就说“出一道题”。"),
    "exam": ("I can't help during an exam. Afterwards, bring me the questions and we will work through "
             "them together.",
             "考试进行中我不能帮忙。考完以后把题目拿来，我们一起弄懂它。"),
}  # fmt: skip
_ZH_SKILLS = {
    "linear equations": "一元一次方程", "inequalities": "不等式", "quadratic equations": "一元二次方程",
    "simultaneous equations": "二元一次方程组", "fractions": "分数加减", "multiplying fractions": "分数乘除",
    "simplifying fractions": "约分", "percentages": "百分数", "order of operations": "运算顺序",
    "arithmetic": "四则运算", "square roots": "平方根", "powers": "乘方", "expanding": "去括号",
    "factoring": "因式分解", "like terms": "合并同类项",
}  # fmt: skip


def say(what: str, language: str, **values: str) -> str:
    """The sentence `what` in a language, English where it is neither of the two."""
    text = _SAID[what][language == "zh"]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text.replace("。 ", "。").replace(". \n", ".\n")


def skill_name(skill: str, language: str) -> str:
    return _ZH_SKILLS[skill] if language == "zh" else skill
