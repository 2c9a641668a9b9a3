"""The style page (only with DEBUG): every component in its states, and each kind of page with real-looking content.

Not for readers and not translated: it is where a change to the look is looked at.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import HavenlinkError, NotFound, Unavailable, Withdrawn
from core.web.errors import error_response
from core.web.templatetags.havenlink import ACTIVITY_ICONS
from i18n.texts import Chosen

NODES = [
    ("antwerp.havenlink.localhost", "Antwerpen"),
    ("rotterdam.havenlink.localhost", "Rotterdam"),
    ("hamburg.havenlink.localhost", "Hamburg"),
    ("dunkirk.havenlink.localhost", "Dunkerque"),
    ("liverpool.havenlink.localhost", "Liverpool"),
    ("gothenburg.havenlink.localhost", "Göteborg"),
    ("genoa.havenlink.localhost", "Genova"),
]
PLACES = [
    ("Antwerpen", 51.22, 4.40, 16),
    ("Gent", 51.05, 3.72, 10),
    ("Leuven", 50.88, 4.70, 8),
    ("Zeebrugge", 51.33, 3.20, 3),
    ("Rotterdam", 51.92, 4.48, 17),
    ("Hamburg", 53.55, 9.99, 18),
    ("Bremen", 53.08, 8.80, 11),
    ("Dunkerque", 51.03, 2.38, 9),
    ("Le Havre", 49.49, 0.11, 6),
    ("Marseille", 43.30, 5.37, 6),
    ("Liverpool", 53.41, -2.98, 12),
    ("Dublin", 53.35, -6.26, 9),
    ("Southampton", 50.90, -1.40, 5),
    ("Göteborg", 57.71, 11.97, 10),
    ("Gdańsk", 54.35, 18.65, 4),
    ("Genova", 44.41, 8.93, 7),
    ("Πειραιάς", 37.94, 23.65, 7),
    ("Lisboa", 38.72, -9.14, 3),
    ("Barcelona", 41.38, 2.17, 5),
    ("Funchal", 32.65, -16.91, 1),
]


class SampleForm(forms.Form):
    title = forms.CharField(
        label="Title", help_text="As you would say it to a teacher. At most 120 characters.", max_length=120
    )
    summary = forms.CharField(
        label="Summary", widget=forms.Textarea, help_text="What happens, for whom, in two sentences."
    )
    activity = forms.ChoiceField(
        label="Activity", choices=[("", "Choose one"), ("company_visit", "Company visit"), ("workshop", "Workshop")]
    )
    stages = forms.MultipleChoiceField(
        label="School stages",
        required=False,
        help_text="All that take part.",
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("isced-2", "Lower secondary"),
            ("isced-3", "Upper secondary"),
            ("be-3", "Third grade (BE)"),
            ("adult", "Adults"),
        ],
    )
    direction = forms.ChoiceField(
        label="You", widget=forms.RadioSelect, choices=[("offer", "offer something"), ("request", "look for something")]
    )
    starts = forms.DateField(
        label="Starts", required=False, widget=forms.DateInput(attrs={"type": "date", "class": "short"})
    )
    agreed = forms.BooleanField(label="The sources may be named and the text may be published under CC BY 4.0")


HITS: list[dict[str, Any]] = [
    {
        "uuid": "0192f6a0-0000-7000-8000-000000000001",
        "title": "Port Xpert Industrie",
        "language": "nl",
        "origin": 0,
        "activity": "company_visit",
        "place": "Antwerpen, België",
        "stage": "Third grade secondary · 16–18",
        "before": "Leerlingen van de derde graad bereiden zich voor, verkennen de haven en gaan op interactief ",
        "word": "bedrijfsbezoek",
        "after": " bij een industrieel havenbedrijf, waar ze in een speeddate medewerkers spreken.",
        "new": True,
    },
    {
        "uuid": "0192f6a0-0000-7000-8000-000000000002",
        "title": "Schülerinnen und Schüler entdecken Ausbildungsberufe in der Hafenlogistik",
        "language": "de",
        "origin": 2,
        "activity": "job_tasting",
        "place": "Hamburg, Deutschland",
        "stage": "Sekundarstufe I · 14–16",
        "before": "Drei Tage ",
        "word": "Betriebserkundung",
        "after": " bei Terminalbetreibern: Containerbrücke, Leitstand und Werkstatt, begleitet von Auszubildenden.",
        "why": "Betriebsbesichtigung",
    },
    {
        "uuid": "0192f6a0-0000-7000-8000-000000000003",
        "title": "Les coulisses du port",
        "language": "fr",
        "origin": 3,
        "activity": "company_visit",
        "place": "Dunkerque, France",
        "stage": "Collège 3e · 14–15",
        "before": "Une journée pour découvrir les métiers du port : ",
        "word": "visite d'entreprise",
        "after": ", rencontre avec des dockers et des officiers de port, atelier d'orientation.",
    },
    {
        "uuid": "0192f6a0-0000-7000-8000-000000000004",
        "title": "Maritime Careers Week",
        "language": "en",
        "origin": 4,
        "activity": "event",
        "place": "Liverpool, United Kingdom",
        "stage": "Key stage 4 · 14–16",
        "before": "Schools choose from forty sessions: ",
        "word": "company visits",
        "after": ", simulators, talks by cadets and a careers fair at the Pier Head.",
    },
    {
        "uuid": "0192f6a0-0000-7000-8000-000000000005",
        "title": "Επαγγελματικός προσανατολισμός στο λιμάνι",
        "language": "el",
        "origin": 6,
        "activity": "guest_lesson",
        "place": "Πειραιάς, Ελλάδα",
        "stage": "Upper secondary · 15–18",
        "before": "Στελέχη του λιμανιού επισκέπτονται σχολεία και παρουσιάζουν τα ",
        "word": "επαγγέλματα",
        "after": " της ναυτιλίας.",
    },
]
FACETS: list[dict[str, Any]] = [
    {
        "name": "kind",
        "label": "Kind",
        "open": True,
        "chosen": 0,
        "values": [
            {"code": "tool", "label": "Tools", "count": 186, "checked": False},
            {"code": "programme", "label": "Programmes", "count": 28, "checked": False},
            {"code": "opportunity", "label": "Opportunities", "count": 0, "checked": False},
        ],
    },
    {
        "name": "activity",
        "label": "Activity",
        "open": True,
        "chosen": 2,
        "values": [
            {"code": "company_visit", "label": "Company visit", "count": 41, "checked": True},
            {"code": "job_tasting", "label": "Job tasting", "count": 22, "checked": True},
            {"code": "guest_lesson", "label": "Guest lesson", "count": 17, "checked": False},
            {"code": "self_assessment", "label": "Self-assessment and orientation test", "count": 9, "checked": False},
        ],
    },
    {"name": "stage", "label": "School stage", "open": False, "chosen": 0, "values": []},
    {"name": "country", "label": "Country", "open": False, "chosen": 0, "values": []},
    {"name": "language", "label": "Language", "open": False, "chosen": 0, "values": []},
]
HEAT = [
    ("Lower secondary", "ISCED 2", [12, 9, 4, 7, 3, 0, 5, 2, 0, 0, 1, 0, 2, 6, 0, 1]),
    ("Upper secondary", "ISCED 3", [31, 18, 11, 14, 9, 4, 6, 3, 8, 5, 4, 2, 3, 7, 1, 2]),
    ("Third grade secondary (BE)", "ISCED 3", [9, 3, 2, 4, 1, 0, 0, 1, 2, 3, 0, 0, 0, 1, 0, 0]),
    ("Vocational education", "ISCED 3–4", [14, 8, 3, 5, 6, 2, 1, 0, 16, 12, 4, 3, 1, 2, 4, 0]),
    ("Adults and job seekers", "", [3, 2, 0, 2, 4, 5, 1, 4, 3, 2, 0, 9, 0, 3, 0, 1]),
]
PARTS = (
    "home",
    "search",
    "empty",
    "record",
    "compare",
    "coverage",
    "network",
    "form",
    "sign-in",
    "workbench",
    "error",
    "withdrawn",
    "down",
)


def heat(count: int) -> int:
    """0 for a hole, then 1 to 6 by doubling steps."""
    return 0 if not count else min(6, count.bit_length() + (1 if count > 2 else 0))


def index(request: HttpRequest) -> HttpResponse:
    messages.success(
        request, "“Port Xpert Industrie” is published as revision 3; the other nodes will have it within a minute."
    )
    messages.warning(request, "Two fields still have no translation.")
    messages.error(request, "The index is down: your change is kept and will be found once it is back.")
    return render(
        request,
        "web/style/index.html",
        {
            "parts": PARTS,
            "nodes": NODES,
            "activities": sorted(ACTIVITY_ICONS),
            "form": SampleForm({"title": "", "stages": ["isced-3"], "direction": "x"}),
            "original": Chosen("Een daguitstap rond scheepvaart en havenberoepen.", "nl", "source", outdated=False),
            "by_machine": Chosen("A day out about shipping and port jobs.", "en", "machine", outdated=True),
            "by_person": Chosen("Ein Tagesausflug zu Schifffahrt und Hafenberufen.", "de", "human", outdated=False),
            "numbers": [1, 2, 3, None, 14],
            **_samples(),
        },
    )


def part(request: HttpRequest, part: str) -> HttpResponse:
    errors: dict[str, HavenlinkError] = {"error": NotFound(), "withdrawn": Withdrawn(), "down": Unavailable()}
    if part in errors:
        return error_response(request, errors[part])
    if part not in PARTS:
        raise Http404
    form = SampleForm({"title": "", "stages": ["isced-3"]}) if request.GET.get("refused") else SampleForm()
    return render(request, f"web/style/{part}.html", {"form": form, **_samples()})


def _samples() -> dict[str, Any]:
    hits = [{**hit, "origin_id": NODES[hit["origin"]][0], "origin_name": NODES[hit["origin"]][1]} for hit in HITS]
    return {
        "hits": hits,
        "facets": FACETS,
        "sample_nodes": NODES,
        "points": [
            {"label": label, "lat": lat, "lon": lon, "count": n, "url": "#", "note": f"{n} records"}
            for label, lat, lon, n in PLACES
        ],
        "one_point": [{"label": "Antwerpen", "lat": 51.22, "lon": 4.40}],
        "heat_rows": [
            (label, note, [(count, heat(count)) for count in counts], sum(counts)) for label, note, counts in HEAT
        ],
        "heat_columns": sorted(ACTIVITY_ICONS),
        "numbers": [1, 2, 3, None, 14],
        "original": Chosen(
            "Leerlingen van de derde graad secundair bereiden zich in de klas voor, verkennen de haven en gaan "
            "daarna op interactief bezoek bij een industrieel havenbedrijf, waar ze in een speeddate medewerkers met "
            "heel diverse functies spreken.\n\nHet Platform Industrie van de regionale werkgeversorganisatie werkt "
            "samen met het Havencentrum en twaalf bedrijven.",
            "nl",
            "source",
            outdated=False,
        ),
        "translation": Chosen(
            "Pupils of the third grade of secondary education prepare in class, explore the port of Antwerp and then "
            "visit an industrial port company, where they meet staff with very different jobs in a speed date.\n\nThe "
            "industry platform of the regional employers' organisation works with the port's visitor centre and twelve "
            "companies.",
            "en",
            "machine",
            outdated=False,
        ),
    }
