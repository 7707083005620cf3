"""What a slot is called where a person reads it."""

from __future__ import annotations

_ZH = {
    "ability": "能力", "accessibility": "无障碍需求", "activity": "活动", "address": "地址",
    "age": "年龄", "allergy": "过敏", "answer_language": "回答语言", "answer_length": "回答长度",
    "avoid": "避免", "avoids": "避免", "birthday": "生日", "blood_type": "血型", "budget": "预算",
    "condition": "健康状况", "criminal": "犯罪记录", "deadline": "截止日期", "diet": "饮食",
    "detail": "其他", "difficulty": "困难之处",
    "dislikes": "不喜欢", "dose": "剂量", "email": "邮箱", "employer": "单位", "ethnicity": "民族",
    "family": "家人", "family_history": "家族病史", "finances": "收支", "gender": "性别",
    "genetics": "遗传信息", "goal": "目标", "habit": "习惯",
    "height": "身高", "home": "住处", "home_kind": "住房",
    "household": "同住的人", "intolerance": "不耐受", "job": "职业",
    "legal_hold": "法律保留", "level": "水平", "likes": "喜欢", "location": "所在地",
    "lived_in": "住过",
    "marital_status": "婚姻状况", "medicine": "用药", "name": "姓名", "nationality": "国籍",
    "nickname": "昵称",
    "needs": "需要", "never": "绝不", "occupation": "职业", "only": "只要", "orientation": "性取向",
    "origin": "家乡", "pet": "宠物", "phone": "电话", "plan": "打算", "politics": "政治观点",
    "possession": "拥有", "preference": "偏好", "pregnant": "怀孕", "pronouns": "人称代词",
    "reference": "编号", "religion": "宗教", "reply_language": "答复语言", "schedule": "日程",
    "size": "尺码", "speaks": "会说的语言", "star_sign": "星座", "studies": "学习",
    "surname": "姓", "timezone": "时区",
    "trip": "行程", "zodiac": "属相",
    "tone": "语气", "union": "工会", "units": "单位制", "weight": "体重",
    "workplace": "工作地点",
}  # fmt: skip


def slot_label(slot: str, language: str) -> str:
    """A slot in words; those of plugins that have no Chinese name keep theirs."""
    return (_ZH.get(slot, slot) if language == "zh" else slot).replace("_", " ")
