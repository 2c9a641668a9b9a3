"""The operator's forms: why a step is taken, which address is admitted, whether faults are mended."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from core.errors import HavenlinkError


class StepForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For those who come after: it is kept in the audit trail."),
    )

    def __init__(self, *args: Any, reason_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["reason"].required = reason_needed


class VerifyForm(StepForm):
    repair = forms.BooleanField(
        label=_("Repair what can be repaired, also from what other nodes hold"), required=False, initial=True
    )
    field_order = ("repair", "reason")


class AddressForm(forms.Form):
    url = forms.CharField(
        label=_("Web address of the node"),
        max_length=400,
        help_text=_("Such as https://antwerp.example.org. The node is asked who it is; nothing is admitted yet."),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).rstrip("/")
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError as error:
            raise ValidationError(_("This is no web address: it begins with https:// or http://.")) from error
        return url

    def refuse(self, error: HavenlinkError) -> None:
        self.add_error("url", f"{error.message} {error.remedy}")


class AdmitForm(forms.Form):
    """What was shown to the person goes back unchanged: the key that they compared is the one that is admitted."""

    url = forms.CharField(widget=forms.HiddenInput, max_length=400)
    verifier_key = forms.CharField(widget=forms.HiddenInput, max_length=400)
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    compared = forms.BooleanField(label=_("Its operator read this very fingerprint to me, or sent it by another way."))
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
