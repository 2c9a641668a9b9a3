"""A page as a reader sees it: its words in order, white space folded, `<head>` and scripts left out; its facts."""

from html.parser import HTMLParser

from core.records.models import Record

UNSEEN = ("head", "script", "style")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.unseen = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.unseen += tag in UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.extend(data.split())


def words(markup: str) -> str:
    reader = _Words()
    reader.feed(markup)
    return " ".join(reader.words)


def seen(response) -> str:
    """The words of a response's main part."""
    markup = response.content.decode()
    return words(markup[markup.index("<main") : markup.index("</main>")])


def named(title):
    """The record of the inventory that has this title."""
    return next(
        record for record in Record.objects.select_related("entry", "log") if title in str(record.document["title"])
    )


def get(client, uuid, language="nl"):
    return client.get(f"/{language}/records/{uuid}")


def facts(page, name):
    """What the fact column states in a group, by label."""
    group = next(group for group in page.facts if group.name == name)
    return {row.field: [part.text for part in row.parts] for row in group.rows}
