"""Which machine serves: behind a balancer that is the first thing one wants to know."""

from django.conf import settings


def served_by(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Served-By"] = settings.SERVED_BY
        return response

    return middleware


def served_by_context(_request):
    return {"served_by": settings.SERVED_BY}
