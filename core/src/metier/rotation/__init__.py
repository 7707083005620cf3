"""New keys in the place of old ones, while turns go on: of the root, a tenant, its people.

Each level can be cut short at any point and is taken up again by `resume`.
See docs/keys.md.
"""

from metier.rotation._levels import Opened, resume_levels, rotate_root, rotate_tenant
from metier.rotation._status import KeyStatus, TenantStatus, key_status
from metier.rotation._subjects import (
    Pace,
    Progress,
    Rotated,
    resume_subjects,
    rotate_people,
    rotate_person,
)

__all__ = [
    "KeyStatus",
    "Opened",
    "Pace",
    "Progress",
    "Rotated",
    "TenantStatus",
    "key_status",
    "resume_levels",
    "resume_subjects",
    "rotate_people",
    "rotate_person",
    "rotate_root",
    "rotate_tenant",
]
