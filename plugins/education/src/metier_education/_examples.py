"""Worked examples of every skill, for the last rung of its ladder."""

from __future__ import annotations

from metier_education._rung import Ladder

# Two worked examples a skill, so that one always has other numbers than the learner's problem.
EXAMPLES: dict[str, Ladder] = {
    "linear equations": [("Another one: 5y + 4 = 19. Take 4 from both sides: 5y = 15. Divide by 5: y = 3.",
                          "另一个例子：5y + 4 = 19。两边减 4，得 5y = 15；两边除以 5，得 y = 3。")],
    "inequalities": [("Another one: 5 - 2y < 11. Take 5 from both sides: -2y < 6. Divide by -2 and turn the sign: y > -3.",
                      "另一个例子：5 - 2y < 11。两边减 5，得 -2y < 6；两边除以 -2，不等号变向，得 y > -3。")],
    "quadratic equations": [("Another one: y^2 - 9y + 20 = 0. 4 and 5 multiply to 20, and -4 and -5 add to -9, so (y - 4)(y - 5) = 0: y = 4 or y = 5.",
                             "另一个例子：y^2 - 9y + 20 = 0。-4 和 -5 的积是 20，和是 -9，所以 (y - 4)(y - 5) = 0，y = 4 或 y = 5。")],
    "simultaneous equations": [("Another one: p + q = 7 and p - q = 1. From the second, p = q + 1. In the first: q + 1 + q = 7, so 2q = 6, q = 3, and p = 4.",
                                "另一个例子：p + q = 7，p - q = 1。由第二个得 p = q + 1，代入第一个：q + 1 + q = 7，2q = 6，q = 3，p = 4。")],
    "fractions": [("Another one: 1/6 + 3/4. 12 works for both: 2/12 + 9/12 = 11/12.",
                   "另一个例子：1/6 + 3/4，公分母是 12：2/12 + 9/12 = 11/12。")],
    "multiplying fractions": [("Another one: 3/7 × 2/5 = (3 × 2)/(7 × 5) = 6/35. And 3/7 ÷ 2/5 = 3/7 × 5/2 = 15/14.",
                               "另一个例子：3/7 × 2/5 = (3 × 2)/(7 × 5) = 6/35；3/7 ÷ 2/5 = 3/7 × 5/2 = 15/14。")],
    "simplifying fractions": [("Another one: 18/30. Both are divided by 6: 18/30 = 3/5.", "另一个例子：18/30，分子分母同除以 6，得 3/5。")],
    "percentages": [("Another one: 5% of 60. 0.05 × 60 = 3. And 12 out of 48 is 12/48 = 1/4, which is 25%.",
                     "另一个例子：60 的 5%：0.05 × 60 = 3。12 是 48 的 12/48 = 1/4，也就是 25%。"),
                    ("Another one: 30% of 70. 0.3 × 70 = 21.", "另一个例子：70 的 30%：0.3 × 70 = 21。")],
    "order of operations": [("Another one: 7 + 2 × 5. First 2 × 5 = 10, then 7 + 10 = 17.",
                             "另一个例子：7 + 2 × 5，先算 2 × 5 = 10，再算 7 + 10 = 17。")],
    "arithmetic": [("Another one: 23 × 4 = 20 × 4 + 3 × 4 = 80 + 12 = 92.", "另一个例子：23 × 4 = 20 × 4 + 3 × 4 = 80 + 12 = 92。"),
                   ("Another one: 46 + 37 = 46 + 30 + 7 = 76 + 7 = 83.", "另一个例子：46 + 37 = 46 + 30 + 7 = 76 + 7 = 83。"),
                   ("Another one: 82 - 35 = 82 - 30 - 5 = 52 - 5 = 47.", "另一个例子：82 - 35 = 82 - 30 - 5 = 52 - 5 = 47。"),
                   ("Another one: 84 ÷ 7 = 70 ÷ 7 + 14 ÷ 7 = 10 + 2 = 12.", "另一个例子：84 ÷ 7 = 70 ÷ 7 + 14 ÷ 7 = 10 + 2 = 12。")],
    "square roots": [("Another one: √49 = 7, because 7 × 7 = 49. And √18 = √9 × √2 = 3√2.",
                      "另一个例子：√49 = 7，因为 7 × 7 = 49；√18 = √9 × √2 = 3√2。")],
    "powers": [("Another one: 2^5 = 2 × 2 × 2 × 2 × 2 = 32.", "另一个例子：2^5 = 2 × 2 × 2 × 2 × 2 = 32。"),
               ("Another one: 7^2 = 7 × 7 = 49.", "另一个例子：7^2 = 7 × 7 = 49。")],
    "expanding": [("Another one: (y + 4)(y + 5) = y^2 + 5y + 4y + 20 = y^2 + 9y + 20.",
                   "另一个例子：(y + 4)(y + 5) = y^2 + 5y + 4y + 20 = y^2 + 9y + 20。")],
    "factoring": [("Another one: y^2 + 9y + 20. 4 and 5 multiply to 20 and add to 9: (y + 4)(y + 5).",
                   "另一个例子：y^2 + 9y + 20，4 与 5 的积是 20，和是 9，所以是 (y + 4)(y + 5)。")],
    "like terms": [("Another one: 4y + 7 - y + 2 = 3y + 9.", "另一个例子：4y + 7 - y + 2 = 3y + 9。")],
}  # fmt: skip

SKILLS = tuple(EXAMPLES)
