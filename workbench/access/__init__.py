"""Who may do what: the roles of those who sign in, and the unit of work that acts with one of them.

A session that acts for somebody (`act_as`) writes only what their role may write, whichever service asks: the tables are guarded under
it, and services that need more say so (`require`). A session that acts for nobody in particular, of a worker, a command or a workbench
where nobody signs in, may do everything.
"""

from workbench.access.people import ADMINS_VARIABLE, AUTH_VARIABLE, first_admins, grant, listing, named, people_sign_in, revoke, role_of
from workbench.access.roles import MAY, ORDER, is_enough, require_role
from workbench.access.unit_of_work import Access, access_of, act_as, require

__all__ = [
    "ADMINS_VARIABLE", "AUTH_VARIABLE", "MAY", "ORDER", "Access", "access_of", "act_as", "first_admins", "grant", "is_enough", "listing",
    "named", "people_sign_in", "require", "require_role", "revoke", "role_of",
]  # fmt: skip
