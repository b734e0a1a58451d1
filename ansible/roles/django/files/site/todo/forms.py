from django import forms

from .models import Item


class ItemForm(forms.ModelForm):
    class Meta:
        model = Item
        fields = ["text"]
        labels = {"text": "What is to be done?"}
        widgets = {"text": forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})}
