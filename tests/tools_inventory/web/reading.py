"""A page as text: what a reader sees of it, in order, white space folded; `<head>` and scripts left out."""

from html.parser import HTMLParser

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
