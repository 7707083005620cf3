"""Chinese names: what must be found, where it starts and ends, and how names are split."""

import importlib.util

import pytest

from metier.encoder import simplified, traditional
from metier.privacy._normalise import normalise
from metier.privacy.recognizers._names_zh import ChineseNames
from metier.privacy.recognizers._zh_lexicon import lexicon
from metier.privacy.recognizers._zh_split import split_zh_name

# Each name is between brackets, which are taken out before the text is read.
FOUND = """
我叫[王丽华]，今年三十岁。
你好，我是[李晓明]。
我的名字是[陈思远]，怎么写摘要？
姓名：[欧阳修远]
患者[赵国强]，男，六十二岁。
收件人：[孙雅婷]，电话稍后补上。
董事长[王建国]出席了会议。
记者[刘海燕]报道
请联系[张伟]医生预约时间。
请转告[陈建国]。
我妻子[王芳]生病了。
我的朋友[张伟]明天来。
我女儿[欣怡]今年上三年级。
我叫[丽华]，想咨询一下。
我叫[穆罕默德]。
我叫[扎西]，今年三十岁
我的名字是[阿依古丽]。
[王]先生您好
[高]老师，您好！
[司徒]女士刚才打过电话。
[张]总说下周再谈。
刚才[李]姐帮我订了票。
[小王]说他明天不来。
昨天[老李]没有来上班。
[阿强]，你在家吗？
[张三]、[李四]和[王五]一起去的。
[周海涛]和[郑雨桐]是同班同学。
[钱学文]，男，汉族，1965年生。
[武志刚]先生，1970年出生，高级工程师。
[方大勇]：女，本科学历
[王某]因涉嫌盗窃被抓获。
[李某某]先生，1965年生
嫌疑人[张某]已经归案。
[王 伟]，男，1965年生
姓名：[刘  洋]
患者[张某]，女，45岁
联系人[王XX]，电话保密。
客户[李**]的订单
[约翰·史密斯]昨天到了北京。
请问[阿依古丽·买买提]在吗？
[玛丽亚]是我的室友。
[扎西次仁]来自拉萨。
记者采访了教练[科瓦尔]。
[李安妮]昨天没有来上课
我的同事[佐藤美子]会说中文。
[陈方安生]女士的来信
[陳建國]先生您好
請轉告[劉雅婷]，明天開會。
我是[張志豪]，住在臺北。
[歐陽曉雯]的訂單還沒到
[黃淑芬]和[林志偉]是夫妻。
@[刘思雨] 你看一下这个
//@[郑小川]:转发微博
回复@[热带小鱼]:谢谢你的建议
昨天[徐静怡]告诉我她要搬家了
我和[何雨薇]一起去看的电影
这是[马晓东]写的作文
[孙浩然]今天没交作业，请老师联系家长
订单是[吴雪梅]下的，电话写错了
把快递放在[郭文静]那里就行
""".strip().splitlines()


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, *_ in ChineseNames().find(normalise(text))]


@pytest.fixture(scope="module")
def recognizer() -> ChineseNames:
    return ChineseNames()


def _spans(recognizer: ChineseNames, text: str) -> list[str]:
    view = normalise(text)
    hits = sorted(recognizer.find(view))
    return [text[slice(*view.original(start, end))] for start, end, *_ in hits]


@pytest.mark.parametrize("marked", FOUND)
def test_a_name_is_found_from_its_first_to_its_last_character(
    recognizer: ChineseNames, marked: str
) -> None:
    names = [piece.split("]")[0] for piece in marked.split("[")[1:]]
    text = marked.replace("[", "").replace("]", "")
    assert _spans(recognizer, text) == names


def test_the_surname_is_told_from_the_given_name() -> None:
    assert split_zh_name("王丽华") == ("王", "丽华")
    assert split_zh_name("王女士") == ("王", "")
    assert split_zh_name("丽华") == ("", "丽华")
    assert split_zh_name("王丽华女士") == ("王", "丽华")
    assert split_zh_name("小王") == split_zh_name("老王") == split_zh_name("王总") == ("王", "")
    assert split_zh_name("阿强") == ("", "强")
    assert split_zh_name("欧阳晓燕") == ("欧阳", "晓燕")
    assert split_zh_name("欧阳老师") == ("欧阳", "")
    assert split_zh_name("陈方安生") == ("陈方", "安生")
    assert split_zh_name("佐藤美子") == ("佐藤", "美子")
    assert split_zh_name("陳建國先生") == ("陳", "建國")
    assert split_zh_name("约翰·史密斯") == ("史密斯", "约翰")
    assert split_zh_name("玛丽亚") == ("", "玛丽亚")
    assert split_zh_name("") == ("", "")


@pytest.mark.parametrize("name", ["王丽华", "王女士", "小王", "欧阳晓燕", "约翰·史密斯", "王"])
def test_the_parts_of_a_name_are_parts_of_it(name: str) -> None:
    surname, given = split_zh_name(name)
    assert surname in name and given in name and (surname or given)


@pytest.mark.parametrize("name", [
    "阿不都拉·买买提", "迪丽热巴·迪力木拉提", "阿卜杜勒·拉赫曼", "艾力·阿布都",
    "次仁央宗", "哈斯额尔敦", "热依罕",
    "乌云其木格", "努尔买买提", "穆罕默德·阿里", "玛利亚·冈萨雷斯", "马超",
])  # fmt: skip
def test_names_written_by_sound_are_found_whole_where_introduced(name: str) -> None:
    for said in (f"我叫{name}。", f"请叫我{name}。", f"本人{name}。", f"我的全名是{name}。"):
        assert found(said) == [name]


@pytest.mark.parametrize("name", ["阿不都拉·买买提", "迪丽热巴·迪力木拉提", "艾力·阿布都"])
def test_names_with_a_dot_are_found_whole_anywhere(name: str) -> None:
    assert found(f"请问{name}的订单到哪了？") == [name]


def test_people_of_history_are_let_through_unless_introduced(recognizer: ChineseNames) -> None:
    assert _spans(recognizer, "王维的诗有什么特点？") == []
    assert _spans(recognizer, "莎士比亚和威廉·莎士比亚是同一个人吗？") == []
    assert _spans(recognizer, "我叫王维，今年十岁。") == ["王维"]
    assert _spans(recognizer, "小明有五个苹果，小红有三个。") == []
    assert _spans(recognizer, "我叫小明，今年十岁。") == ["小明"]


def test_a_name_that_was_found_is_found_again_without_its_surname(recognizer: ChineseNames) -> None:
    text = "我叫欧阳晓雯，他们叫我晓雯，同学们也说晓雯最爱笑"
    assert _spans(recognizer, text) == ["欧阳晓雯", "晓雯", "晓雯"]


def test_places_and_firms_named_like_a_person_are_not_names(recognizer: ChineseNames) -> None:
    for text in ("王家庄小学在哪里", "去张家口怎么走", "周大福的金价", "华法林的剂量是多少"):
        assert _spans(recognizer, text) == []


def test_traditional_characters_keep_their_places() -> None:
    assert simplified("陳劉張黃") == "陈刘张黄"
    assert len(simplified("陳先生在臺灣開會")) == len("陳先生在臺灣開會")
    assert "陳" in traditional("陈")


def test_without_the_dictionary_nothing_is_passed_as_clean(
    recognizer: ChineseNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="install"):
        recognizer.find(normalise("我叫王丽华"))
    monkeypatch.undo()
    assert _spans(recognizer, "我叫王丽华") == ["王丽华"]


def test_presidios_interface_gives_offsets_in_the_text_as_given(recognizer: ChineseNames) -> None:
    text = "我叫王\u200b丽华。"
    found = recognizer.analyze(text, ["PERSON"])
    assert [text[each.start : each.end] for each in found] == ["王\u200b丽华"]
    assert recognizer.analyze(text, ["PHONE_NUMBER"]) == []


def test_the_dictionary_gives_frequent_words_a_lower_cost() -> None:
    words = lexicon().words
    assert words["医生"] < words["华法林"]
    assert "王建国" not in words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("请把包裹寄给金柳。", "金柳"),
        ("联系人：洪建军", "洪建军"),
        ("联系人：赖淑华 see the note", "赖淑华"),
        ("麻烦交给司建，谢谢", "司建"),
        ("毛成老师让我来问您。", "毛成"),
        ("常军医生说要复查", "常军"),
        ("昨天我和战秀兰说过这件事。", "战秀兰"),
        ("她跟干峰商量过了", "干峰"),
    ],
)
def test_what_a_label_or_a_verb_of_giving_leaves_to_the_end_of_the_clause_is_a_name(
    text: str, name: str
) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "请交给公司。",
        "通知家长。",
        "告诉时间",
        "发给项目组。",
        "转交单位",
        "高中老师很好",
        "金融经理",
    ],
)
def test_what_is_given_to_an_office_is_no_name(text: str) -> None:
    assert found(text) == []
