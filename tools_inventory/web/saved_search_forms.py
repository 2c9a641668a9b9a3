"""The forms of saved searches. What an address is, is said by `services/email_addresses.py`."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from tools_inventory.models import SavedSearch
from tools_inventory.services.email_addresses import address_checked


class AddressForm(forms.Form):
    # A browser's own idea of addresses knows no names in other letters: it is asked for its keyboard alone.
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        widget=forms.TextInput(
            attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )

    def clean_email(self) -> str:
        try:
            return address_checked(self.cleaned_data["email"]).email
        except InvalidInput as error:
            raise forms.ValidationError(f"{error.message} {error.remedy}") from error

    def refuse(self, error: InvalidInput) -> None:
        """Show it beside its field, or on top."""
        field = error.field if error.field in self.fields else None
        self.add_error(field, f"{error.message} {error.remedy}")


class SaveForm(AddressForm):
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=SavedSearch.Frequency.choices,
        initial=SavedSearch.Frequency.DAILY,
        widget=forms.RadioSelect,
        help_text=_("In the morning, and only when there is something new."),
    )


class ChangeForm(forms.Form):
    frequency = forms.ChoiceField(label=_("How often"), choices=SavedSearch.Frequency.choices)
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
