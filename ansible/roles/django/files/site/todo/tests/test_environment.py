from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from config.environment import Environment


class EnvironmentFile(SimpleTestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "environment"
        self.file.write_text('# the rack\nTODO_SECRET_KEY="a=b#c"\n\nTODO_HOSTS=one, two\n', encoding="utf-8")

    def read(self, **process):
        return Environment({"TODO_ENVIRONMENT": str(self.file), **process})

    def test_values_are_read_as_they_are(self):
        self.assertEqual(self.read().text("TODO_SECRET_KEY"), "a=b#c")

    def test_the_process_goes_before_the_file(self):
        self.assertEqual(self.read(TODO_SECRET_KEY="own").text("TODO_SECRET_KEY"), "own")

    def test_lists_are_separated_by_commas(self):
        self.assertEqual(self.read().texts("TODO_HOSTS"), ["one", "two"])

    def test_what_is_missing_is_named(self):
        with self.assertRaisesMessage(ImproperlyConfigured, "TODO_NOTHING is not set"):
            self.read().text("TODO_NOTHING")
