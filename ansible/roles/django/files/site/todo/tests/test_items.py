from django.test import Client, TestCase
from django.urls import reverse

from todo.models import Item


class Items(TestCase):
    def test_an_added_item_is_on_the_page_and_counts_as_open(self):
        response = self.client.post(reverse("add"), {"text": "Rack the NUCs"}, follow=True)
        self.assertContains(response, "Rack the NUCs")
        self.assertContains(response, "1 open of 1")

    def test_an_empty_item_is_refused_with_a_reason_and_not_kept(self):
        response = self.client.post(reverse("add"), {"text": "  "})
        self.assertContains(response, "This field is required.", status_code=400)
        self.assertFalse(Item.objects.exists())

    def test_a_text_that_is_too_long_is_refused_before_the_database_sees_it(self):
        response = self.client.post(reverse("add"), {"text": "x" * 201})
        self.assertContains(response, "at most 200 characters", status_code=400)

    def test_an_item_is_completed_once_and_opened_again(self):
        item = Item.objects.create(text="Cable the switch")
        self.client.post(reverse("complete", args=[item.pk]))
        item.refresh_from_db()
        first = item.done_at
        self.assertIsNotNone(first)
        self.client.post(reverse("complete", args=[item.pk]))
        item.refresh_from_db()
        self.assertEqual(item.done_at, first)
        self.client.post(reverse("reopen", args=[item.pk]))
        item.refresh_from_db()
        self.assertIsNone(item.done_at)

    def test_an_item_is_deleted_and_deleting_it_twice_is_no_error(self):
        item = Item.objects.create(text="Old")
        for _ in range(2):
            self.assertRedirects(self.client.post(reverse("delete", args=[item.pk])), reverse("items"))
        self.assertFalse(Item.objects.exists())

    def test_completing_what_is_not_there_says_so(self):
        self.assertEqual(self.client.post(reverse("complete", args=[1])).status_code, 404)

    def test_open_items_come_first_the_newest_at_the_top(self):
        old, done, new = (Item.objects.create(text=text) for text in ("old", "done", "new"))
        done.complete()
        self.assertEqual(list(Item.objects.all()), [new, old, done])

    def test_text_is_text_never_markup(self):
        Item.objects.create(text="<script>alert(1)</script>")
        response = self.client.get(reverse("items"))
        self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertNotContains(response, "<script>alert")

    def test_more_than_a_page_is_paged(self):
        Item.objects.bulk_create(Item(text=f"item {n}") for n in range(51))
        self.assertContains(self.client.get(reverse("items")), "Page 1 of 2")
        self.assertContains(self.client.get(reverse("items"), {"page": 2}), "Newer")

    def test_a_link_changes_nothing(self):
        item = Item.objects.create(text="Stay")
        for name in ("complete", "reopen", "delete"):
            self.assertEqual(self.client.get(reverse(name, args=[item.pk])).status_code, 405)

    def test_a_form_of_another_site_is_refused(self):
        strict = Client(enforce_csrf_checks=True)
        self.assertEqual(strict.post(reverse("add"), {"text": "forged"}).status_code, 403)
        self.assertFalse(Item.objects.exists())

    def test_the_forms_of_this_site_carry_their_token(self):
        strict = Client(enforce_csrf_checks=True)
        page = strict.get(reverse("items"))
        token = page.context["csrf_token"]
        response = strict.post(reverse("add"), {"text": "mine", "csrfmiddlewaretoken": str(token)})
        self.assertRedirects(response, reverse("items"))
