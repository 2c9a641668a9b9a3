"""A feed as Atom (RFC 4287) and as RSS 2.0, in bytes.

Atom says more: each text its language, each code its vocabulary, each entry its licence (RFC 4946).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Rss201rev2Feed, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from tools_inventory.selectors.feed_entries import FeedEntry, FeedText
from tools_inventory.web.scopes import record_address

ATOM = "http://www.w3.org/2005/Atom"
# An empty feed was never updated; the same moment each time, so that its bytes are the same too.
NEVER = datetime(2020, 1, 1, tzinfo=UTC)

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Feed:
    """Addresses are absolute; `site` is that of this node, without a slash."""

    title: str
    language: str
    address: str
    page: str
    site: str
    node_name: str
    entries: tuple[FeedEntry, ...]

    @property
    def updated(self) -> datetime:
        return max((entry.updated for entry in self.entries), default=NEVER)


def atom(feed: Feed) -> bytes:
    out = BytesIO()
    xml = _Xml(out)
    xml.startDocument()
    xml.open("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    xml.line("title", feed.title)
    xml.line("id", feed.address)
    xml.line("updated", rfc3339_date(feed.updated))
    xml.line("link", "", rel="self", type="application/atom+xml", href=feed.address)
    xml.line("link", "", rel="alternate", type="text/html", hreflang=feed.language, href=feed.page)
    xml.author(feed.node_name, feed.site)
    xml.line("generator", "Havenlink")
    xml.line("icon", f"{feed.site}/favicon.svg")
    for entry in feed.entries:
        _atom_entry(xml, feed, entry)
    xml.endElement("feed")
    xml.endDocument()
    return out.getvalue()


def _atom_entry(xml: "_Xml", feed: Feed, entry: FeedEntry) -> None:
    xml.open("entry")
    xml.line("id", entry.id)
    xml.text("title", entry.title)
    xml.line("updated", rfc3339_date(entry.updated))
    xml.line("link", "", rel="alternate", type="text/html", href=_page(feed, entry))
    xml.line("link", "", rel="via", href=entry.id)
    xml.author(entry.node_name)
    if entry.summary:
        xml.text("summary", entry.summary)
    for category in entry.categories:
        scheme = {"scheme": category.scheme} if category.scheme else {}
        xml.line("category", "", term=category.term, label=category.label, **scheme)
    if entry.licence:
        xml.line("rights", entry.licence)
    if entry.licence_url:
        xml.line("link", "", rel="license", href=entry.licence_url)
    xml.endElement("entry")


class _Xml(SimplerXMLGenerator):
    def __init__(self, out: BytesIO) -> None:
        super().__init__(out, "utf-8", short_empty_elements=True)

    def open(self, name: str, attributes: Attributes | None = None) -> None:
        self.startElement(name, AttributesImpl(attributes or {}))

    def line(self, name: str, content: str, **attributes: str) -> None:
        self.addQuickElement(name, content, attributes)

    def text(self, name: str, text: FeedText) -> None:
        attributes: Attributes = {"type": "text"}
        if text.language:
            attributes["xml:lang"] = text.language
        self.addQuickElement(name, text.text, attributes)

    def author(self, name: str, uri: str = "") -> None:
        self.open("author")
        self.line("name", name)
        if uri:
            self.line("uri", uri)
        self.endElement("author")


class _Rss(Rss201rev2Feed):
    """Django takes the present time where nothing was updated; a feed's bytes should only change with what it holds."""

    def latest_post_date(self) -> datetime:
        return max((item["pubdate"] for item in self.items), default=NEVER)

    def item_attributes(self, item: dict[str, Any]) -> Attributes:
        return {}


def rss(feed: Feed) -> bytes:
    made = _Rss(title=feed.title, link=feed.page, description=feed.title, language=feed.language, feed_url=feed.address)
    for entry in feed.entries:
        made.add_item(
            title=entry.title.text,
            link=_page(feed, entry),
            description=entry.summary.text if entry.summary else "",
            author_name=entry.node_name,
            pubdate=entry.updated,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            categories=[category.label for category in entry.categories],
        )
    return made.writeString("utf-8").encode()


def _page(feed: Feed, entry: FeedEntry) -> str:
    return feed.site + record_address(entry.uuid)
