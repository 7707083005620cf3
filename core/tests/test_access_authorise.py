"""Who may do what to whose data; scopes; failed attempts by address."""

from __future__ import annotations

import logging
from itertools import product
from typing import NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier import policy as policy_room
from metier.access import (
    BREAK_GLASS,
    ON_BEHALF,
    OWN,
    ROLES,
    SCOPES,
    AccessError,
    Action,
    Attempts,
    Grant,
    authorise,
    note_break_glass,
    require_scope,
)
from metier.model import Actor, MetierError
from metier.policy import compose

ACTIONS: tuple[Action, ...] = get_args(Action)
REASON = "unconscious patient, ward 3"
POLICY = compose(())


class Said(NamedTuple):
    allowed: bool
    rule: str


class Matrix:
    """A policy that allows just these pairs of role and action."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def may(self, roles: frozenset[str], action: str, category: str = "*") -> Said:
        allowed = any((role, action) in self.pairs for role in roles)
        return Said(allowed, f"test@1:roles/{action}")


def how(actor: Actor, subject: str | None, action: Action, policy: object = POLICY) -> str | None:
    try:
        return authorise(actor, subject, action, policy).how  # type: ignore[arg-type]
    except MetierError as error:
        assert (error.code, error.status) == ("not_granted", 403)
        assert subject is None or subject not in error.message
        return None


def test_roles_and_actions_are_those_that_policies_know() -> None:
    assert ROLES == policy_room.ROLES
    assert set(ACTIONS) - {"chat", "profile"} == set(policy_room.RIGHTS) - {"break_glass"}


def test_everybody_may_do_with_their_own_data_what_is_theirs_to_do() -> None:
    anna = Actor("acme", "anna")
    for action in ACTIONS:
        for subject in (None, "anna"):
            assert how(anna, subject, action) == ("own" if action in OWN else None)
    assert authorise(anna, None, "export", POLICY) == Grant("anna", "own")


def test_a_hold_on_oneself_is_not_ones_own_to_set() -> None:
    assert how(Actor("acme", "anna"), None, "hold") is None
    officer = Actor("acme", "anna", roles=frozenset({"privacy_officer"}))
    assert how(officer, None, "hold") == "role"


def test_a_grant_is_enough_to_use_and_for_nothing_else() -> None:
    for grants in (frozenset({"ben"}), frozenset({"*"})):
        platform = Actor("acme", "chat", may_act_for=grants)
        for action in ACTIONS:
            assert how(platform, "ben", action) == ("grant" if action in ON_BEHALF else None)
    assert how(Actor("acme", "chat", may_act_for=frozenset({"ben"})), "carl", "chat") is None


@pytest.mark.parametrize(("role", "action"), list(product(ROLES, ACTIONS)))
def test_a_role_may_do_what_the_policies_in_force_say(role: str, action: Action) -> None:
    actor = Actor("acme", "x", roles=frozenset({role}))
    if action in ("chat", "profile"):
        assert how(actor, "ben", action) is None
        return
    allowed = POLICY.may(frozenset({role}), action).allowed
    assert how(actor, "ben", action) == ("role" if allowed else None)


def test_the_rule_that_let_a_role_in_is_told() -> None:
    policy = Matrix(("auditor", "read_audit"))
    actor = Actor("acme", "x", roles=frozenset({"auditor"}))
    grant = authorise(actor, "ben", "read_audit", policy)
    assert grant == Grant("ben", "role", "test@1:roles/read_audit")


def test_the_glass_breaks_with_a_reason_and_a_role_that_may() -> None:
    policy = Matrix(("privacy_officer", "break_glass"))
    for role, reason in product(ROLES, ("", REASON)):
        actor = Actor("acme", "x", roles=frozenset({role}), break_glass=reason)
        for action in ACTIONS:
            opened = bool(reason) and role == "privacy_officer" and action in BREAK_GLASS
            assert how(actor, "ben", action, policy) == ("break_glass" if opened else None)
    officer = Actor("acme", "x", roles=frozenset({"privacy_officer"}), break_glass=REASON)
    grant = authorise(officer, "ben", "read_turns", policy)
    assert grant == Grant("ben", "break_glass", "test@1:roles/break_glass", REASON)


def test_the_glass_is_not_broken_where_another_way_leads_there() -> None:
    policy = Matrix(("privacy_officer", "break_glass"), ("privacy_officer", "export"))
    officer = Actor("acme", "x", roles=frozenset({"privacy_officer"}), break_glass=REASON)
    assert how(officer, "ben", "export", policy) == "role"
    assert how(officer, None, "export", policy) == "own"


def test_breaking_the_glass_never_erases_or_speaks_for_somebody() -> None:
    assert BREAK_GLASS.isdisjoint({"erase", "chat", "profile", "export_audit"})
    assert not any(action.startswith("manage_") for action in BREAK_GLASS)


def test_breaking_the_glass_is_loud_and_the_log_names_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    grant = Grant("ben", "break_glass", "rule", REASON)
    with caplog.at_level(logging.WARNING, "metier.access"):
        detail = note_break_glass(grant, "read_turns")
    assert detail == {"action": "read_turns", "rule": "rule", "reason": REASON}
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and "read_turns" in record.getMessage()
    assert "ben" not in record.getMessage() and REASON not in record.getMessage()


@given(
    st.text(max_size=5), st.sampled_from(ACTIONS), st.sets(st.sampled_from(ROLES)),
    st.sets(st.text(max_size=5), max_size=3),
)  # fmt: skip
def test_no_way_leads_to_a_subject_that_was_not_asked_for(
    subject: str, action: Action, roles: set[str], grants: set[str]
) -> None:
    actor = Actor("acme", "anna", roles=frozenset(roles), may_act_for=frozenset(grants))
    try:
        grant = authorise(actor, subject, action, POLICY)
    except MetierError:
        return
    assert grant.subject == subject
    assert (
        (subject == "anna" and grant.how == "own")
        or (grant.how == "grant" and grants & {subject, "*"})
        or (grant.how == "role" and roles - {"member"})
    )


# --- scopes -------------------------------------------------------------------------------


def test_a_scope_opens_its_routes_and_a_star_all() -> None:
    for has, needs in product(SCOPES, SCOPES):
        actor = Actor("acme", "anna", scopes=frozenset({has}))
        if has in ("*", needs):
            require_scope(actor, needs)
            continue
        with pytest.raises(AccessError) as error:
            require_scope(actor, needs)
        assert (error.value.status, error.value.code) == (403, "scope_missing")
        assert f'scope="{needs}"' in error.value.headers["WWW-Authenticate"]


def test_one_of_several_scopes_is_enough_and_none_opens_nothing() -> None:
    require_scope(Actor("acme", "anna", scopes=frozenset({"search"})), "chat", "search")
    with pytest.raises(AccessError):
        require_scope(Actor("acme", "anna", scopes=frozenset()), "chat", "search")


# --- attempts -----------------------------------------------------------------------------


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_after_too_many_failures_and_then_starts_anew() -> None:
    clock = Seconds()
    attempts = Attempts(3, 60, clock=clock)
    for _ in range(3):
        assert attempts.wait("10.0.0.1") == 0
        attempts.failed("10.0.0.1")
    assert attempts.wait("10.0.0.1") == 60
    assert attempts.wait("10.0.0.2") == 0
    clock.now = 59
    assert attempts.wait("10.0.0.1") == 1
    clock.now = 60
    assert attempts.wait("10.0.0.1") == 0
    attempts.failed("10.0.0.1")
    assert attempts.wait("10.0.0.1") == 0


def test_one_ipv6_network_is_one_client_and_a_mapped_address_is_its_ipv4() -> None:
    attempts = Attempts(1, 60, clock=Seconds())
    attempts.failed("2001:db8::1")
    assert attempts.wait("2001:db8:0:0:ffff::9%eth0") and not attempts.wait("2001:db8:0:1::1")
    attempts.failed("::ffff:10.0.0.1")
    assert attempts.wait("10.0.0.1") and not attempts.wait("10.0.0.2")


def test_the_memory_for_addresses_is_bounded() -> None:
    attempts = Attempts(1, 60, addresses=100, clock=Seconds())
    for i in range(1000):
        attempts.failed(f"10.0.{i // 256}.{i % 256}")
    assert len(attempts) == 100
    assert attempts.wait("10.0.3.231") and not attempts.wait("10.0.0.0")
