"""The site's addresses: the list at the root, its health for machines, the admin for people with a password."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("todo.urls")),
    path("admin/", admin.site.urls),
]
