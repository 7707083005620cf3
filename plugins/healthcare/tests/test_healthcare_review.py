"""The checks of an answer: they catch what a model may write, and let good sentences be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from metier.model import Decision, Fact, Passage, Turn
from metier_healthcare import plugin

Make = Callable[..., Turn]
MakeFact = Callable[[str, str], Fact]

DIAGNOSES = (
    ("en", "You have pneumonia."), ("en", "It sounds like you have strep throat."), ("en", "It's flu."),
    ("en", "This is most likely a migraine."), ("en", "Based on your symptoms, you probably have the flu."),
    ("en", "You're suffering from gastritis."), ("en", "It looks like appendicitis to me."),
    ("en", "My diagnosis is bronchitis."), ("en", "Your symptoms point to a sinus infection."),
    ("en", "You may have diabetes."), ("en", "Sounds like a urinary tract infection."),
    ("en", "I think you've got tonsillitis."), ("en", "You are diabetic."), ("en", "What you describe is gout."),
    ("zh", "您得了肺炎。"), ("zh", "这应该是偏头痛。"), ("zh", "根据您的描述，很可能是胃溃疡。"),
    ("zh", "你可能感染了流感。"), ("zh", "考虑是急性支气管炎，建议休息。"), ("zh", "这就是普通感冒。"),
    ("zh", "您这是过敏性鼻炎。"), ("zh", "初步诊断为胃炎"),
)  # fmt: skip
NO_DIAGNOSES = (
    ("en", "If you have a fever, rest."), ("en", "Colds are caused by viruses."),
    ("en", "This can have several causes, such as a cold or an allergy."),
    ("en", "Do you have pneumonia? Only a doctor can tell."), ("en", "You have told me about your headache."),
    ("en", "You have a sore throat and a cough."), ("en", "See a doctor to rule out pneumonia."),
    ("en", "I can't tell whether you have the flu."), ("zh", "如果您有肺炎，应就医。"),
    ("zh", "感冒一般会自己好。"), ("zh", "这可能是急症，请拨打120。"), ("zh", "我无法判断您是否得了肺炎。"),
)  # fmt: skip


@pytest.mark.parametrize(("language", "text"), DIAGNOSES)
def test_a_diagnosis_is_not_given(turn: Make, language: str, text: str) -> None:
    verdict = plugin.check_output(turn("what is it", language), text)
    assert verdict is not None and verdict.decision is Decision.REVISE
    assert verdict.reason == "diagnosis" and text not in verdict.message
    assert plugin.check_output(turn("what is it", language), verdict.message) is None


@pytest.mark.parametrize(("language", "text"), NO_DIAGNOSES)
def test_what_is_no_diagnosis_stays(turn: Make, language: str, text: str) -> None:
    assert plugin.check_output(turn("what is it", language), text) is None


def test_an_illness_the_person_told_of_may_be_named(turn: Make, fact: MakeFact) -> None:
    said = "You have asthma, so ask a pharmacist first."
    assert plugin.check_output(turn("x"), said) is not None
    assert plugin.check_output(turn("x", facts=(fact("asthma", "yes"),)), said) is None


OFFERS = (
    ("allergy", "penicillin", "en", "You can take amoxicillin for this."),
    ("allergy", "penicillin", "en", "Amoxicillin is a good option."),
    ("allergy", "penicillin", "en", "Ask for Augmentin."), ("allergy", "penicillin", "en", "- amoxicillin"),
    ("allergy", "penicillin", "en", "Why not try penicillin V?"),
    ("allergy", "penicillin", "en", "Don't worry, amoxicillin works well."),
    ("allergy", "penicillin", "en", "Avoid amoxicillin; use flucloxacillin instead."),
    ("allergy", "青霉素", "zh", "您可以吃阿莫西林。"), ("allergy", "青霉素", "zh", "阿莫西林效果不错"),
    ("allergy", "penicillin", "zh", "建议服用阿莫西林克拉维酸钾。"),
    ("allergy", "NSAIDs", "en", "Take ibuprofen if it does not get better."),
    ("allergy", "NSAIDs", "en", "Naproxen might be worth a try."), ("allergy", "布洛芬", "zh", "可以吃芬必得。"),
    ("allergy", "布洛芬", "zh", "不如吃点阿司匹林。"), ("allergy", "aspirin", "en", "Take some Advil."),
    ("stomach_ulcer", "yes", "en", "Take ibuprofen unless you have an ulcer."),
    ("pregnant", "yes", "en", "Ibuprofen eases the cramps."), ("pregnant", "是", "zh", "布洛芬缓解头痛很有效"),
    ("medicine", "warfarin", "en", "Ibuprofen would help."),
    ("medicine", "warfarin", "en", "If paracetamol does not help, take ibuprofen."),
    ("medicine", "warfarin", "en", "There is no reason not to take ibuprofen."),
    ("age", "9", "en", "Take aspirin and rest."),
)  # fmt: skip
WARNINGS = (
    ("allergy", "penicillin", "en", "Do not take amoxicillin."),
    ("allergy", "penicillin", "en", "Because of your penicillin allergy, amoxicillin is not suitable."),
    ("allergy", "penicillin", "en", "You told me that you are allergic to penicillin."),
    ("allergy", "NSAIDs", "en", "Avoid ibuprofen, naproxen, diclofenac and aspirin."),
    ("allergy", "NSAIDs", "en", "Ibuprofen can cause an allergic reaction in you."),
    ("allergy", "NSAIDs", "en", "Paracetamol eases pain."),
    ("allergy", "青霉素", "zh", "请不要吃阿莫西林。"), ("allergy", "青霉素", "zh", "您对青霉素过敏，阿莫西林有危险。"),
    ("pregnant", "yes", "en", "Ask a doctor before taking ibuprofen."),
    ("pregnant", "yes", "en", "Ibuprofen is an anti-inflammatory painkiller."),
)  # fmt: skip


@pytest.mark.parametrize(("slot", "value", "language", "text"), OFFERS)
def test_a_medicine_that_is_ruled_out_is_not_offered(
    turn: Make, fact: MakeFact, slot: str, value: str, language: str, text: str
) -> None:
    asked = turn("What helps?", language, facts=(fact(slot, value),))
    verdict = plugin.check_output(asked, text)
    assert verdict is not None and verdict.reason.startswith("unsuitable.")
    assert plugin.check_output(asked, verdict.message) is None
    assert plugin.check_output(turn("What helps?", language), text) is None


@pytest.mark.parametrize(("slot", "value", "language", "text"), WARNINGS)
def test_a_warning_of_a_medicine_stays(
    turn: Make, fact: MakeFact, slot: str, value: str, language: str, text: str
) -> None:
    assert plugin.check_output(turn("x", language, facts=(fact(slot, value),)), text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Take paracetamol 500 mg."), ("en", "Take two tablets every four hours."),
     ("en", "Paracetamol. 15 ml every six hours."), ("zh", "对乙酰氨基酚每次500毫克。"),
     ("zh", "每次两片，一天三次。"), ("zh", "布洛芬混悬液10毫升")],
)  # fmt: skip
def test_a_dose_must_stand_in_a_source(turn: Make, language: str, text: str) -> None:
    verdict = plugin.check_output(turn("dose?", language), text)
    assert verdict is not None and verdict.reason == "dose_without_source"


def test_a_dose_from_a_passage_on_that_medicine_stays(turn: Make) -> None:
    source = Passage("1", "Adults take paracetamol 500mg.", "Paracetamol", "NHS")
    said = "Take paracetamol 500 mg. [1]"
    assert plugin.check_output(turn("dose?", passages=(source,)), said) is None
    other = "Take ibuprofen 500 mg."
    assert plugin.check_output(turn("dose?", passages=(source,)), other) is not None
    zh = Passage("1", "成人每次用对乙酰氨基酚500毫克。", "对乙酰氨基酚", "NHS", language="zh")
    assert (
        plugin.check_output(turn("剂量", "zh", passages=(zh,)), "对乙酰氨基酚每次500毫克。") is None
    )
    assert (
        plugin.check_output(turn("剂量", "zh", passages=(zh,)), "对乙酰氨基酚每次900毫克。")
        is not None
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Drink 2 litres of water."), ("en", "A fever is 38 °C or more."), ("en", "Walk for 30 minutes."),
     ("en", "Normal fasting glucose is below 100 mg/dL."), ("zh", "每天喝2000毫升水。")],
)  # fmt: skip
def test_other_amounts_are_no_doses(turn: Make, language: str, text: str) -> None:
    assert plugin.check_output(turn("x", language), text) is None


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        ("Can I take paracetamol with doxycycline?", "en", "There is no known interaction between them."),
        ("Can I take paracetamol with doxycycline?", "en", "They don't interact."),
        ("Can I take paracetamol with doxycycline?", "en", "Yes, it's safe to take them together."),
        ("x", "en", "You can take sertraline with metronidazole."), ("x", "en", "It's perfectly safe."),
        ("x", "en", "Omeprazole and cetirizine can be taken together."),
        ("x", "en", "Ibuprofen and gabapentin are fine together."), ("mix?", "en", "It is safe to combine them."),
        ("Can I take ibuprofen with tolvaptan?", "en", "There is no known interaction between ibuprofen and tolvaptan."),
        ("Can I take ibuprofen with tolvaptan?", "en", "There is no known interaction between them."),
        ("Can I take ibuprofen with tolvaptan?", "en", "Yes, you can."), ("mix ibuprofen and cetirizine?", "en", "Sure, go ahead."),
        ("x", "en", "Ibuprofen and quercetin are fine together."), ("x", "en", "You can take ibuprofen with metamizole."),
        ("布洛芬能和托伐普坦一起吃吗", "zh", "布洛芬和托伐普坦没有相互作用。"), ("布洛芬能和托伐普坦一起吃吗", "zh", "可以的。"),
        ("x", "zh", "两者没有相互作用。"), ("对乙酰氨基酚和多西环素能一起吃吗", "zh", "可以一起吃。"),
        ("x", "zh", "头孢和布洛芬可以同时服用。"), ("x", "zh", "一起吃没问题"), ("x", "zh", "这药绝对安全"),
    ],
)  # fmt: skip
def test_a_pair_that_is_not_listed_is_not_called_safe(
    turn: Make, question: str, language: str, text: str
) -> None:
    verdict = plugin.check_output(turn(question, language), text)
    assert verdict is not None and verdict.reason == "claimed_safe"


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        ("Can I take paracetamol and ibuprofen?", "en", "Adults can take paracetamol and ibuprofen together."),
        ("x", "en", "It is not known whether it is safe to combine them."), ("x", "en", "Take it with food."),
        ("x", "en", "Ibuprofen can be taken with food."), ("x", "en", "You can take ibuprofen with a glass of water."),
        ("Can I take ibuprofen with food?", "en", "Yes, with or after food."), ("x", "zh", "布洛芬可以和饭一起吃。"),
        ("Can I take paracetamol with ibuprofen?", "en", "Yes, adults can take paracetamol and ibuprofen together."), ("x", "zh", "不代表安全，合用前请咨询药师。"),
    ],
)  # fmt: skip
def test_what_a_source_lists_or_leaves_open_stays(
    turn: Make, question: str, language: str, text: str
) -> None:
    assert plugin.check_output(turn(question, language), text) is None


def test_only_the_sentence_at_fault_is_replaced(turn: Make) -> None:
    said = "Rest and drink.\n\n- You have flu. [1]\n- Sleep well. [2]"
    verdict = plugin.check_output(turn("x"), said)
    assert verdict is not None
    assert "Rest and drink." in verdict.message and "- Sleep well. [2]" in verdict.message
    assert "flu" not in verdict.message and "[1]" not in verdict.message
