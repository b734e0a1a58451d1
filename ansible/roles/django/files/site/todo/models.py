from django.db import models
from django.utils import timezone


class Item(models.Model):
    """One thing to do."""

    text = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True, help_text="When it was done; empty while it is not.")

    class Meta:
        # What is open comes first, the newest of it at the top.
        ordering = [models.F("done_at").desc(nulls_first=True), "-created_at", "-id"]

    def __str__(self):
        return self.text

    @property
    def is_done(self):
        return self.done_at is not None

    def complete(self):
        """Marks it as done. What is done already keeps its time."""
        Item.objects.filter(pk=self.pk, done_at=None).update(done_at=timezone.now())

    def reopen(self):
        Item.objects.filter(pk=self.pk).update(done_at=None)
