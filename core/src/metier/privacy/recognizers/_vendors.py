"""A recognizer of credentials whose issuer gave them a prefix."""

from __future__ import annotations

from metier.privacy.recognizers._rules import Recognizer, Rule, TokenRule, WordRule, at, whole


def _key(text: str) -> bool:
    """Not the "sk-xxxxxxxx" of a manual."""
    return len(set(text)) >= 9


def _vendor(prefix: str, rest: str, *words: str, score: float = 0.95) -> WordRule:
    pattern = rf"(?<![A-Za-z0-9])(?:{prefix}){rest}(?![A-Za-z0-9])"
    return WordRule("SECRET", score, words, at(pattern, _key))


_REST = r"[A-Za-z0-9_\-]"

VENDORS: tuple[Rule, ...] = (
    _vendor("sk-(?:ant-|proj-|or-|svcacct-|admin-)?", rf"{_REST}{{16,}}+", "sk-"),
    _vendor("gh[pousr]_", r"[A-Za-z0-9]{20,}+", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _vendor("github_pat_", r"[A-Za-z0-9_]{20,}+", "github_pat_"),
    _vendor(
        "gl(?:pat|dt|rt|ft|ptt|oas|soat|cbt)-",
        rf"{_REST}{{16,}}+",
        "glpat-",
        "gldt-",
        "glrt-",
        "glft-",
        "glptt-",
        "gloas-",
        "glsoat-",
        "glcbt-",
    ),
    _vendor(
        "(?:npm|hf|r8|gsk|rubygems|lin_api|dop_v1|doo_v1|dor_v1|shpat|shpss|shpca|shppa|sntrys"
        "|sntryu|glsa|glc|figd|pscale_tkn|pscale_pw|tvly|phc|phx|xkeysib|nvapi|pplx|PMAK|NRAK|sq0atp"
        "|sq0csp|dapi|hvs|hvb|atlasv1|pul|EZAK|rpa|fo1|oy2|ATATT|ATCTT|BBDC|do_token|sbp|sb_secret)"
        r"[_.\-]?",
        r"(?=[A-Za-z0-9_.=\-]*[0-9])[A-Za-z0-9_.=\-]{20,}+",
        "npm_",
        "hf_",
        "r8_",
        "gsk_",
        "rubygems_",
        "lin_api_",
        "dop_v1_",
        "doo_v1_",
        "dor_v1_",
        "shpat_",
        "shpss_",
        "shpca_",
        "shppa_",
        "sntrys_",
        "sntryu_",
        "glsa_",
        "glc_",
        "figd_",
        "pscale_tkn_",
        "pscale_pw_",
        "tvly-",
        "phc_",
        "phx_",
        "xkeysib-",
        "nvapi-",
        "pplx-",
        "pmak-",
        "nrak-",
        "sq0atp-",
        "sq0csp-",
        "dapi",
        "hvs.",
        "hvb.",
        "pul-",
        "ezak",
        "rpa_",
        "fo1_",
        "oy2",
        "atatt",
        "atctt",
        "bbdc-",
        "sbp_",
        "sb_secret_",
    ),
    _vendor("pypi-", rf"{_REST}{{16,}}+", "pypi-ag"),
    _vendor(
        "xox[abeoprs]-|xapp-|xwfp-",
        rf"{_REST}{{10,}}+",
        "xoxa-",
        "xoxb-",
        "xoxe-",
        "xoxo-",
        "xoxp-",
        "xoxr-",
        "xoxs-",
        "xapp-",
        "xwfp-",
    ),
    _vendor(
        "(?:sk|pk|rk)_(?:live|test)_",
        r"[A-Za-z0-9]{10,}+",
        "sk_live_",
        "sk_test_",
        "pk_live_",
        "pk_test_",
        "rk_live_",
        "rk_test_",
    ),
    _vendor("whsec_", r"[A-Za-z0-9+/=]{16,}+", "whsec_"),
    _vendor(
        "(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)",
        "[0-9A-Z]{9,16}",
        "akia",
        "asia",
        "agpa",
        "aida",
        "aroa",
        "abia",
        "acca",
    ),
    _vendor("AIza", rf"{_REST}{{30,}}+", "aiza"),
    _vendor(r"ya29\.", r"[A-Za-z0-9_.\-]{16,}+", "ya29."),
    _vendor(r"1//", rf"(?=[A-Za-z_\-]*[0-9]){_REST}{{24,}}+", "1//"),
    _vendor("GOCSPX-", rf"{_REST}{{20,}}+", "gocspx-"),
    _vendor(r"SG\.", r"[A-Za-z0-9_\-]{10,}+\.[A-Za-z0-9_\-]{10,}+", "sg."),
    _vendor("EAA", "[A-Za-z0-9]{40,}+", "eaa"),
    _vendor("LTAI", "[A-Za-z0-9]{12,24}", "ltai"),
    _vendor("AKID", "[A-Za-z0-9]{28,36}", "akid"),
    _vendor("key-", "[0-9a-f]{32}", "key-"),
    _vendor("AGE-SECRET-KEY-1", "[02-9AC-HJ-NP-Z]{40,}+", "age-secret-key-1"),
    _vendor(
        r"(?:https://)?hooks\.slack\.com/(?:services|workflows)/",
        r"[A-Za-z0-9/_\-]{16,}+",
        "hooks.slack.com/",
        "https://hooks.slack.com/",
    ),
    _vendor(
        r"(?:https://)?discord(?:app)?\.com/api/webhooks/",
        r"[0-9]{10,20}/[A-Za-z0-9_\-]{20,}+",
        "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
        "https://discord.com/api/webhooks/",
    ),
    TokenRule("SECRET", 0.95, (34,), whole("(?:AC|SK)[0-9a-f]{32}", _key), first="A"),
    TokenRule(
        "SECRET",
        0.95,
        tuple(range(20, 29)),
        at(
            r"[MNO][A-Za-z0-9_\-]{22,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,40}(?![A-Za-z0-9_\-])"
        ),
        first="A",
        follow="._-",
    ),
    TokenRule(
        "SECRET",
        0.95,
        (8, 9, 10),
        at(r"\d{8,10}:AA[A-Za-z0-9_\-]{32,34}(?![A-Za-z0-9_\-])"),
        first="1",
        follow=":",
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-secret-vendor", rules=VENDORS)]
