"""Whether this machine can serve: the site has started, and the database answers it."""

from django.conf import settings
from django.db import Error, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def health(_request):
    """200, or 503 when the database does not answer; `release` says which one of the site runs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except Error:
        # The reason is in the log; strangers need not read it.
        database = "unreachable"
    healthy = database == "ok"
    answer = {
        "status": "ok" if healthy else "failing",
        "host": settings.SERVED_BY,
        "release": settings.RELEASE,
        "database": database,
    }
    return JsonResponse(answer, status=200 if healthy else 503)
