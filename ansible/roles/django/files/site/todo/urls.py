from django.urls import path

from . import views
from .health import health

urlpatterns = [
    path("", views.items, name="items"),
    path("add", views.add, name="add"),
    path("items/<int:pk>/complete", views.complete, name="complete"),
    path("items/<int:pk>/reopen", views.reopen, name="reopen"),
    path("items/<int:pk>/delete", views.delete, name="delete"),
    path("health", health, name="health"),
]
