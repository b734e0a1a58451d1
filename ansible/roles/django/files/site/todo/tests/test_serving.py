from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse


class Serving(TestCase):
    @override_settings(SERVED_BY="server2")
    def test_page_and_header_say_which_machine_served(self):
        response = self.client.get(reverse("items"))
        self.assertEqual(response["X-Served-By"], "server2")
        self.assertContains(response, "Served by <strong>server2</strong>")

    @override_settings(SERVED_BY="server3")
    def test_an_error_says_it_too(self):
        self.assertEqual(self.client.get("/nowhere")["X-Served-By"], "server3")

    def test_a_host_that_is_not_ours_is_refused(self):
        self.assertEqual(self.client.get("/", headers={"host": "evil.example"}).status_code, 400)

    def test_nothing_of_the_inside_is_shown(self):
        self.assertFalse(settings.DEBUG)
        response = self.client.get("/nowhere")
        self.assertNotContains(response, "urlpatterns", status_code=404)

    def test_the_admin_lists_items_to_people_with_a_password(self):
        self.assertEqual(self.client.get("/admin/todo/item/").status_code, 302)
        self.client.force_login(get_user_model().objects.create_superuser("admin"))
        self.assertContains(self.client.get("/admin/todo/item/"), "To-do list")

    def test_models_and_migrations_agree(self):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


class Health(TestCase):
    def test_it_is_healthy_while_the_database_answers(self):
        response = self.client.get(reverse("health"))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["database"], "ok")
        self.assertEqual(response.json()["release"], settings.RELEASE)
        self.assertIn("no-store", response["Cache-Control"])

    def test_it_fails_with_the_database_and_tells_nobody_why(self):
        secret = "connection to 172.16.0.11 as todo failed"
        with patch("todo.health.connection.cursor", side_effect=OperationalError(secret)):
            response = self.client.get(reverse("health"))
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["status"], "failing")
        self.assertNotContains(response, "172.16.0.11", status_code=503)


class StaticFiles(SimpleTestCase):
    def test_the_style_sheet_is_found(self):
        self.assertIsNotNone(finders.find("todo/style.css"))
