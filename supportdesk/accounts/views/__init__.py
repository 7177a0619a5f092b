"""Pages about people: signing in, who has access, organizations, and what is shown when something is wrong."""

from supportdesk.accounts.views.errors import bad_request, broken, forbidden, no_csrf, not_found

__all__ = ["bad_request", "broken", "forbidden", "no_csrf", "not_found"]
