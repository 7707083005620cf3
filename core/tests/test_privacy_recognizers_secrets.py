"""Credentials: by prefix, by syntax, as people state them; and code that only talks of them.

Every value is invented; prefixed ones are put together at run time so that no
scanner of repositories takes this file for a leak.
"""

import pytest

from metier.privacy import Detector

A36 = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4"
HEX32 = "9f86d081884c7d659a2feaa0c55ad015"

PREFIXED = [
    "ghp" + "_" + A36,
    "github" + "_pat_" + A36,
    "glpat" + "-" + A36[:20],
    "sk" + "-proj-" + A36,
    "sk" + "_live_" + A36[:24],
    "xoxb" + "-123456789012-" + A36[:24],
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + A36[:35],
    "hf" + "_" + A36[:34],
    "npm" + "_" + A36,
    "SG" + "." + A36[:22] + "." + A36,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "https://hooks.slack.com/services/T0000ABCD/B0000ABCD/" + A36[:24],
    "1234567890:AA" + A36[:33],
]

WHOLE = [
    # headers and cookies are hidden with their names
    ("Authorization: Bearer " + A36, "Authorization: Bearer " + A36),
    ('curl -H "Authorization: Basic dXNlcjpwYXNzd29yZDE=" x', None),
    ("X-API-Key: " + A36, "X-API-Key: " + A36),
    ("Cookie: sid=a1b2c3d4; theme=dark", "Cookie: sid=a1b2c3d4; theme=dark"),
    ("Set-Cookie: sid=a1b2c3d4; Secure", "Set-Cookie: sid=a1b2c3d4; Secure"),
    ("Log: JSESSIONID=A1B2C3D4E5F6G7H8 seen", "JSESSIONID=A1B2C3D4E5F6G7H8"),
    ("GET /cb?access_token=a1b2c3d4e5f6&x=1", "access_token=a1b2c3d4e5f6"),
    # settings
    ("DB_PASSWORD=Tr0ub4dor&3", "Tr0ub4dor&3"),
    ("password: correcthorse", "correcthorse"),
    ('"api_key": "a1b2c3d4e5f6a7b8"', "a1b2c3d4e5f6a7b8"),
    ("accessToken = 'a1b2c3d4e5f6a7b8'", "a1b2c3d4e5f6a7b8"),
    ("SECRET_KEY=" + HEX32, HEX32),
    ("Server=db;User=sa;Password=P@ssw0rd!;", "Password=P@ssw0rd!"),
    # in words
    ("my password is hunter2", "hunter2"),
    ("The wifi password is Blue-Sky-42, enjoy", "Blue-Sky-42"),
    ("我的密码是Abc12345，请记住", "Abc12345"),
    ("密码：a8d9f7g6", "a8d9f7g6"),
    ("验证码是482913", "482913"),
    ("the PIN is 4821", "4821"),
    ("your one-time code: 482913", "482913"),
    ("authenticated with token abc123def456ghi789", "abc123def456ghi789"),
]

ORDINARY = [
    "password = get_password()",
    "def login(password: str, token: Token | None = None) -> None:",
    "self.token = token",
    'os.environ["API_KEY"]',
    "api_key=config.get('api_key')",
    "token = tokens[0]",
    "key=lambda item: item.name",
    "password: The password to use.",
    ":param secret: shared secret of the client",
    "raise ValueError('password is required')",
    "token: Authentication token",
    "for key, value in mapping.items():",
    'headers = {"Authorization": f"Bearer {token}"}',
    "Authorization: Bearer <token>",
    "Basic authentication is weak, bearer tokens are better.",
    "export TOKEN=$GITHUB_TOKEN",
    "password=********",
    "API_KEY=your_api_key_here",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "Correlation ID: f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "b'-----BEGIN PRIVATE KEY-----' in data",
    "My password is incorrect and I cannot log in.",
    "How do I reset my password?",
    "each time a new token is found",
    "A cookie: a small file that a site stores",
    "我忘记密码了，怎么重置？",
    "密码长度不少于8位",
    "x & 1 ? token : secret;",
]

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\nggSjAgEAAoIBAQC7\n"


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(names=False)


def _secrets(detector: Detector, text: str) -> list[str]:
    return [text[s.start : s.end] for s in detector.scan(text) if s.entity == "SECRET"]


@pytest.mark.parametrize("value", PREFIXED)
def test_a_prefixed_key_is_found_whole(detector: Detector, value: str) -> None:
    assert _secrets(detector, f"use {value} for it") == [value]


@pytest.mark.parametrize("value", PREFIXED)
def test_a_prefixed_key_glued_to_han_characters_is_found(detector: Detector, value: str) -> None:
    assert _secrets(detector, f"用{value}就行") == [value]


@pytest.mark.parametrize(("text", "value"), WHOLE)
def test_a_credential_is_found_by_its_syntax(
    detector: Detector, text: str, value: str | None
) -> None:
    found = _secrets(detector, text)
    assert found == [value] if value else len(found) == 1


@pytest.mark.parametrize("text", ORDINARY)
def test_code_and_prose_about_credentials_are_let_through(detector: Detector, text: str) -> None:
    assert _secrets(detector, text) == []


@pytest.mark.parametrize("end", ["", "-----END PRIVATE KEY-----"])
def test_a_private_key_is_hidden_to_its_end(detector: Detector, end: str) -> None:
    text = f"key:\n{PEM}{end}"
    assert _secrets(detector, text)[-1].strip() == f"{PEM}{end}".strip()


def test_what_follows_a_private_key_is_left_alone(detector: Detector) -> None:
    text = f"{PEM}-----END PRIVATE KEY-----\nThe meeting is on Friday."
    assert _secrets(detector, text) == [f"{PEM}-----END PRIVATE KEY-----"]


def test_a_long_secret_is_hidden_to_its_end(detector: Detector) -> None:
    value = "a1B2" * 3000
    assert _secrets(detector, f"password={value} end") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "db at postgres://app:s3cret@db.example:5432/x now",
            "postgres://app:s3cret@db.example:5432/x",
        ),
        (
            "see https://shop.example/reset?token=abc123def.",
            "https://shop.example/reset?token=abc123def",
        ),
    ],
)
def test_a_link_that_carries_a_credential_is_hidden(
    detector: Detector, text: str, value: str
) -> None:
    assert [text[s.start : s.end] for s in detector.scan(text)] == [value]
