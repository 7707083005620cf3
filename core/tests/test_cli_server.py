"""Commands beside a running server: it owns the index, and they go through it."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest

from metier.app import make_keys
from metier.cli import main
from metier.knowledge import Index
from metier.plugins._breaker import THRESHOLD
from metier.server import Door

TOY = """
from metier import hookimpl
from metier.model import Composition, Fact, Manifest, Provenance

class Toy:
    @hookimpl
    def domain(self):
        return Manifest(name="toy", title="Toy", description="Echoes.", languages=("en", "zh"),
                        reads=("preference", "identity"), writes=("preference", "identity"))
    @hookimpl
    def compose(self, turn):
        sources = "".join(f" [{n}]" for n, _ in enumerate(turn.passages, 1))
        said = " / ".join(m.content for m in turn.history if m.role == "user")
        return Composition(f"You said: {turn.message}{sources} ({said})")
    @hookimpl
    def recommend(self, turn):
        raise ValueError("very private words")

plugin = Toy()
"""
COMMAND = [sys.executable, "-c", "from metier.cli import main; main()"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A prepared home with an article, and the toy domain installed."""
    root = tmp_path_factory.mktemp("cli")
    about = root / "site" / "metier_toy-1.dist-info"
    about.mkdir(parents=True)
    (root / "site" / "metier_toy_served.py").write_text(TOY)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metier-toy\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\ntoy = metier_toy_served:plugin\n")
    home = root / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    (home / "metier.toml").write_text('embeddings = "none"\n')
    (home / "api-key").write_text("metier-key\n")
    (root / "frost.md").write_text("# Frost\n\nPrune roses when the frost is over.\n")
    path = [str(root / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "METIER_HOME": str(home), "PYTHONPATH": os.pathsep.join(path)}


def start(environment: dict[str, str], *options: str) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port, and its address once it is there."""
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert server.stderr is not None
    lines = []
    for line in server.stderr:
        lines.append(line)
        if "API key" in line:
            return server, next(x.split()[-1] for x in lines if "base URL" in x)
    raise AssertionError(f"the server ended: {''.join(lines)}")


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[str]:
    process, address = start(environment)
    yield address
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    # Nothing is said but of the hook that fails on purpose, and that without its words.
    said = {line.partition(" at ")[0] for line in err.splitlines()}
    assert process.returncode == 143 and out == ""
    assert said <= {"`recommend` of the plugin 'toy' failed: ValueError"}
    assert Door.read(Path(environment["METIER_HOME"])) is None


def run(
    environment: dict[str, str], *arguments: str, given: str = "", status: int | None = 0
) -> tuple[str, str]:
    """What a command of this process says on standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METIER_HOME", environment["METIER_HOME"])
        patch.syspath_prepend(environment["PYTHONPATH"].split(os.pathsep)[0])
        patch.setattr(sys, "argv", ["metier", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code == status, err.getvalue()
    return out.getvalue(), err.getvalue()


def test_ingest_search_and_ask_go_through_the_running_server(
    environment: dict[str, str], server: str
) -> None:
    article = Path(environment["METIER_HOME"]).parent / "frost.md"
    out, err = run(environment, "ingest", "toy", str(article))
    assert out == "1 document, 1 passage indexed for toy.\n"
    assert "running server" in err
    found = json.loads(run(environment, "search", "toy", "prune roses", "--json")[0])
    assert [p["title"] for p in found] == ["Frost"]
    out, err = run(environment, "ask", "toy", "When do I prune roses?")
    assert out.startswith("You said: When do I prune roses? [1]") and "[1] Frost" in out
    assert err == ""


def test_a_conversation_and_a_profile_are_the_same_on_either_way(
    environment: dict[str, str], server: str
) -> None:
    said = "My name is Zebulon Quartermain."
    run(environment, "ask", "toy", said, "--conversation", "c", "--as", "zeb")
    shown, _ = run(environment, "profile", "show", "--as", "zeb")  # reads the store itself
    assert "Zebulon Quartermain" in shown
    shown, _ = run(environment, "ask", "toy", "Go on.", "--conversation", "c", "--as", "zeb")
    assert said in shown
    shown, _ = run(environment, "ask", "toy", "Go on.", "--conversation", "c", "--as", "other")
    assert said not in shown


def test_explain_and_json_work_through_the_server(environment: dict[str, str], server: str) -> None:
    out, _ = run(environment, "ask", "toy", "I am Anna Smith.", "--explain")
    assert "Given to the engine 'grounded'" in out and "<PERSON_" in out
    answer = json.loads(run(environment, "ask", "toy", "Hello", "--json", "--explain")[0])
    assert answer["text"].startswith("You said: Hello") and answer["trace"]["stages"]
    assert answer["explanation"]["answer"] == answer["id"]
    assert "Why this answer" in out and "What would change without" in out
    out, _ = run(environment, "ask", "toy", "Hello", "--explain", "--without", "passage:none")
    assert "Without passage:none\n  - nothing would change" in out


def test_a_batch_goes_through_the_server(
    environment: dict[str, str], server: str, tmp_path: Path
) -> None:
    asked = {"model": "toy", "messages": [{"role": "user", "content": "I am Ada."}]}
    lines = [
        {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}
        for name, body in (("a", asked), ("b", {**asked, "model": "none"}), ("c", asked))
    ]
    (tmp_path / "in").write_text("\n".join(map(json.dumps, lines)))
    files = (str(tmp_path / "in"), "-o", str(tmp_path / "out"))
    out, _ = run(environment, "batch", *files, status=1)
    assert out.startswith("3 requests answered; 1 with an error.")
    found = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [(x["custom_id"], x["response"]["status_code"]) for x in found] == [
        ("a", 200), ("b", 404), ("c", 200),
    ]  # fmt: skip
    assert "You said: I am Ada." in json.dumps(found[0])


def test_chat_works_through_the_server(environment: dict[str, str], server: str) -> None:
    out, _ = run(environment, "chat", "toy", given="One\nTwo\n\n")
    assert "You said: One" in out and "You said: Two" in out and "(One)" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("ask", "nope", "hello"), "no domain of that name"),
        (("ask", "toy", "x" * 40_000), "longer than"),
        (("search", "nope", "x"), "no plugin 'nope'"),
        (("ingest", "nope", "/"), "no plugin 'nope'"),
        (("serve", "--port", "0"), "uses the home"),
    ],
)
def test_errors_are_one_line_beside_a_server_too(
    environment: dict[str, str], server: str, arguments: Sequence[str], reason: str
) -> None:
    out, err = run(environment, *arguments, status=1)
    *notes, line = err.splitlines()
    assert out == "" and reason in line
    assert notes in ([], ["The running server indexes them …"])


def test_a_plugin_that_came_after_the_server_started_is_said_to_need_a_restart(
    environment: dict[str, str], server: str, tmp_path: Path
) -> None:
    for missing in (("ask", "later", "hi"), ("search", "later", "hi")):
        assert "restart it" in run(environment, *missing, status=1)[1]
    # The same command, in an environment that has a new domain with articles.
    (tmp_path / "frost.md").write_text("# Frost\n\nPrune roses when the frost is over.\n")
    later = TOY.replace('"toy"', '"later"').replace(
        "    @hookimpl\n    def recommend",
        "    @hookimpl\n    def knowledge_packs(self):\n"
        "        from pathlib import Path\n"
        "        from metier.model import KnowledgePack\n"
        "        return [KnowledgePack('later', Path(__file__).parent)]\n"
        "    @hookimpl\n    def recommend",
    )
    about = tmp_path / "metier_later-1.dist-info"
    about.mkdir()
    (tmp_path / "metier_later.py").write_text(later)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metier-later\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\nlater = metier_later:plugin\n")
    path = os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]])
    _, err = run({**environment, "PYTHONPATH": path}, "setup", status=1)
    assert "doesn't have the articles for later" in err and "Stop it" in err
    assert server.removesuffix("/v1") in err


def test_setup_and_ingest_beside_a_server_bring_knowledge_to_a_tenant_that_came_later(
    environment: dict[str, str], server: str, tmp_path: Path
) -> None:
    run(environment, "setup")
    key = run(
        environment, "access", "key", "create", "ann", "--tenant", "acme", "--scope", "search"
    )
    headers = {"Authorization": f"Bearer {key[0].strip()}"}

    def found(query: str, domain: str) -> list[str]:
        asked = {"domain": domain, "query": query}
        answer = httpx.post(f"{server}/search", json=asked, headers=headers)
        return [each["title"] for each in answer.json()["data"]]

    assert found("fever", "healthcare") == []
    assert "indexes the knowledge" in run(environment, "setup")[1]
    assert found("fever", "healthcare") != []
    assert run(environment, "setup")[1] == ""
    (tmp_path / "dahlias.md").write_text("# Dahlias\n\nTubers are lifted in October.\n")
    path = str(tmp_path / "dahlias.md")
    run(environment, "ingest", "toy", path, "--tenant", "acme")
    assert found("tubers", "toy") == ["Dahlias"]
    assert "Dahlias" not in run(environment, "search", "toy", "tubers")[0]
    assert "no tenant of that name" in run(
        environment, "ingest", "toy", path, "--tenant", "acmee", status=1
    )[1]  # fmt: skip


def test_hooks_that_the_running_server_switched_off_are_listed(
    environment: dict[str, str], server: str
) -> None:
    before = json.loads(run(environment, "plugins", "--json")[0])
    assert {tuple(p["switched_off"]) for p in before} == {()}
    for _ in range(THRESHOLD):
        httpx.post(
            f"{server}/recommend", json={"domain": "toy"},
            headers={"Authorization": "Bearer metier-key"},
        )  # fmt: skip
    listed = {
        p["name"]: p["switched_off"] for p in json.loads(run(environment, "plugins", "--json")[0])
    }
    assert listed.pop("toy") == [
        {"hook": "recommend", "failures": THRESHOLD, "error": "ValueError"}
    ]
    assert set(map(tuple, listed.values())) == {()}
    shown = run(environment, "plugins")[0]
    assert f"recommend is switched off: {THRESHOLD} failures, ValueError" in shown
    assert "private" not in shown


def test_the_door_is_for_the_owner_of_the_home_alone(
    environment: dict[str, str], server: str
) -> None:
    file = Path(environment["METIER_HOME"]) / "server.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    root = server.removesuffix("/v1")
    for key in ("metier-key", "wrong"):
        answer = httpx.post(
            f"{root}/local/ask", json={}, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 401
    door = json.loads(file.read_text())["key"]
    answer = httpx.get(f"{server}/models", headers={"Authorization": f"Bearer {door}"})
    assert answer.status_code == 401  # it opens the door and nothing else


def test_a_port_that_is_taken_is_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    (home / "metier.toml").write_text('embeddings = "none"\n')
    (home / "api-key").write_text("metier-key\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        other = {**environment, "METIER_HOME": str(home)}
        _, err = run(other, "serve", "--port", port, status=1)
    assert len(err.splitlines()) == 1 and "Choose others with --host and --port" in err


def test_a_stale_door_is_not_gone_through(environment: dict[str, str], tmp_path: Path) -> None:
    """The door of a server that died leads nowhere: whoever listens there now gets no word."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    (home / "metier.toml").write_text('embeddings = "none"\n')
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        stranger.settimeout(0)
        Door(f"http://127.0.0.1:{stranger.getsockname()[1]}", "default", 1, "key").write(home)
        other = {**environment, "METIER_HOME": str(home)}
        assert run(other, "ask", "toy", "Hello")[0].startswith("You said: Hello")
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_a_command_waits_for_another_and_then_goes_on(
    environment: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    (home / "metier.toml").write_text('embeddings = "none"\n')
    index = Index.open(home / "index", None)
    command = subprocess.Popen(
        [*COMMAND, "ask", "toy", "Hello"], env={**environment, "METIER_HOME": str(home)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert command.stderr is not None
    assert command.stderr.readline() == "Waiting for another metier command to finish …\n"
    index.close()
    out, err = command.communicate(timeout=60)
    assert command.returncode == 0 and out.startswith("You said: Hello") and err == ""
