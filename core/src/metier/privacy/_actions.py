"""What stands for a value, by the action that the policy names for its entity type."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from functools import partial

from metier.model import EntityAction
from metier.privacy._dates import shifted, year
from metier.privacy._grammar import entity_label
from metier.privacy._surrogates import surrogate
from metier.privacy._vault import Hidden, PrivacyError
from metier.privacy.recognizers._wordlist import word_set

_OLD = 89
"""45 CFR 164.514(b)(2)(i)(C): ages over 89 may only be given as "90 or older"."""

_RARE_ZIP3 = word_set("""
036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893
""")
"""Three-digit postcodes with 20,000 inhabitants or fewer (HHS guidance on the
Safe Harbor method, by the census of 2000); they become 000."""

_ZIP = re.compile(r"(\d{3})\d{2}(?:-\d{4})?")


@dataclass(frozen=True, slots=True, repr=False)
class Means:
    """What some actions need.

    Args:
        hash_key: the tenant's key for `hash`.
        shift_days: how far `shift` moves this subject's dates; secret, never 0.
    """

    hash_key: bytes | None = None
    shift_days: int | None = None


NONE = Means()


def hidden(entity: str, value: str, number: bool, action: EntityAction, means: Means) -> Hidden:
    """How a value is hidden.

    - `pseudonymise`: a placeholder; comes back.
    - `surrogate`: a realistic stand-in, where there is one; comes back.
    - `shift`: a date moved by the subject's secret offset; comes back.
    - `generalise`: a coarser value (year, three-digit postcode, age band); doesn't.
    - `hash`: a keyed hash, the same in all of a tenant's conversations; doesn't.
    - `redact`: the entity type in brackets; doesn't.
    - `drop`: nothing; doesn't.

    Raises:
        PrivacyError: an action that isn't known, or lacks its means.
    """
    label = entity_label(entity)
    match action.action:
        case "pseudonymise":
            return Hidden(entity, value, number)
        case "surrogate":
            return Hidden(entity, value, number, stand_in=surrogate(entity, value))
        case "shift":
            if not means.shift_days:
                raise _lacking(action, "the subject's date offset")
            moved = shifted(value, means.shift_days)
            return Hidden(entity, value, number, partial(str, moved) if moved else None)
        case "generalise":
            return Hidden(entity, value, number, lost=general(entity, value) or f"[{label}]")
        case "hash":
            if means.hash_key is None:
                raise _lacking(action, "the tenant's hash key")
            digest = hmac.new(means.hash_key, f"{entity}\0{value}".encode(), hashlib.sha256)
            return Hidden(entity, value, number, lost=f"[{label}:{digest.hexdigest()[:16]}]")
        case "redact":
            return Hidden(entity, value, number, lost=f"[{label}]")
        case "drop":
            return Hidden(entity, value, number, lost="")
        case _:
            raise PrivacyError(f"The policy ({action.rule}) names an unknown action")


def _lacking(action: EntityAction, what: str) -> PrivacyError:
    return PrivacyError(
        f"The policy ({action.rule}) asks for '{action.action}', which needs {what}; give it, or "
        "choose another action"
    )


def general(entity: str, value: str) -> str | None:
    """A coarser value, or None where there is none for the entity type."""
    match entity:
        case "AGE":
            return _age(value)
        case "DATE_OF_BIRTH" | "DATE_TIME":
            return _year(value)
        case "US_ZIP_CODE" | "POSTAL_CODE":
            found = _ZIP.fullmatch(value)
            if found is None:
                return None
            return "000**" if found[1] in _RARE_ZIP3 else f"{found[1]}**"
        case "IP_ADDRESS":
            return _network(value)
        case _:
            return None


def _age(value: str) -> str | None:
    found = re.search(r"\d{1,3}", value)
    if found is None:
        return None
    age = int(found[0])
    return "90 or older" if age > _OLD else f"{age // 10 * 10}-{age // 10 * 10 + 9}"


def _year(value: str) -> str | None:
    found = year(value)
    if found is None:
        return None
    oldest = date.today().year - _OLD - 1
    return f"{oldest} or earlier" if found <= oldest else str(found)


def _network(value: str) -> str | None:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    prefix = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
