"""The environment, read once, typed and named. The only place that reads `os.environ`.

A variable that is required and missing, or that cannot be read, stops the start with its name and what it is for.
"""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

REQUIRED = {
    "NODE_ID": "the node's DNS name, such as antwerp.example.org",
    "NODE_URL": "the address under which others reach this node, such as https://antwerp.example.org",
    "NODE_NAME": "the name that people read, such as Antwerp",
    "NODE_LANGUAGES": "BCP 47 codes, the node's own language first, such as nl,fr",
    "SECRET_KEY": "a long random text that signs sessions; keep it secret",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """One attribute per variable, in lower case; documented in README.md, section "Settings"."""

    node_id: str
    node_url: str
    node_name: str
    node_languages: tuple[str, ...]
    secret_key: str
    # A code of the vocabulary `regions`: where records are filed that do not say.
    node_region: str
    # Everything the node keeps outside its database: keys, index, broker files.
    state_dir: Path
    # sqlite:///path or postgresql://user:password@host:port/name
    database_url: str
    # tantivy:///path
    search_url: str
    # filesystem:///path, redis://, amqp://
    broker_url: str
    # console://, file:///path, smtp://user:password@host:port, smtps:// (TLS), smtp+tls:// (STARTTLS)
    email_url: str
    # The address that mails come from; whoever answers one writes to it.
    email_from: str
    signing_key_file: Path
    # Word lemmas, built once by `manage.py search prepare`; nodes on one machine may share them.
    lemma_dir: Path
    # Sentence vectors that were computed, kept so that none is twice; nodes on one machine may share them.
    vector_dir: Path
    # off: search by words and concepts alone, without sentence vectors.
    vectors: bool
    # A glossary of the node's own beside the project's, read at start; "" for none.
    glossary_file: str
    allowed_hosts: tuple[str, ...]
    debug: bool
    # Peers on loopback or private addresses are refused unless this is on (the demo network, a test bed).
    allow_private_peers: bool
    pull_interval_seconds: float
    # A pull that would delete more than this share of an origin's records (0 to 1) waits for a person.
    max_deleted_share: float
    # Look at saved searches this often; 0: in the morning, as their readers chose (the demo network sets it).
    alert_interval_seconds: float
    time_zone: str
    log_level: str


def read_environment() -> Environment:
    """Raises ImproperlyConfigured naming every missing or unreadable variable at once."""
    problems = [f"{name} is missing: {purpose}" for name, purpose in REQUIRED.items() if not os.environ.get(name)]
    if problems:
        raise ImproperlyConfigured("; ".join(problems))
    get = os.environ.get
    # Read by the library that makes sentence vectors: with a thread for every core, two processes starve each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    state_dir = Path(get("STATE_DIR") or BASE_DIR / "var" / "node")
    url = os.environ["NODE_URL"].rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(f"NODE_URL must be an http or https address, not {url!r}")
    languages = _list(os.environ["NODE_LANGUAGES"])
    return Environment(
        node_id=os.environ["NODE_ID"],
        node_url=url,
        node_name=os.environ["NODE_NAME"],
        node_languages=languages,
        secret_key=os.environ["SECRET_KEY"],
        node_region=get("NODE_REGION", ""),
        state_dir=state_dir,
        database_url=get("DATABASE_URL") or f"sqlite:///{state_dir / 'node.sqlite3'}",
        search_url=get("SEARCH_URL") or f"tantivy:///{state_dir / 'index'}",
        broker_url=get("BROKER_URL") or f"filesystem:///{state_dir / 'broker'}",
        email_url=get("EMAIL_URL") or "console://",
        email_from=get("EMAIL_FROM") or f"havenlink@{parts.hostname}",
        signing_key_file=Path(get("SIGNING_KEY_FILE") or state_dir / "keys" / "signing.key"),
        lemma_dir=Path(get("LEMMA_DIR") or state_dir / "lemmas"),
        vector_dir=Path(get("VECTOR_DIR") or state_dir / "vectors"),
        vectors=_flag("VECTORS", default=True),
        glossary_file=get("GLOSSARY_FILE", ""),
        allowed_hosts=_list(get("ALLOWED_HOSTS", "")) or (parts.hostname, "localhost", "127.0.0.1"),
        debug=_flag("DEBUG"),
        allow_private_peers=_flag("ALLOW_PRIVATE_PEERS"),
        pull_interval_seconds=_number("PULL_INTERVAL_SECONDS", 60.0),
        max_deleted_share=_number("MAX_DELETED_SHARE", 0.3),
        alert_interval_seconds=_number("ALERT_INTERVAL_SECONDS", 0.0),
        time_zone=get("TIME_ZONE", "Europe/Brussels"),
        log_level=get("LOG_LEVEL", "INFO"),
    )


def variable_names() -> list[str]:
    return [field.name.upper() for field in fields(Environment)]


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a sqlite or postgresql address."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path.replace("//", "/"))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            # Opening the file and closing it for each request takes longer than most requests' queries.
            "CONN_MAX_AGE": 60,
            # Tests use a file as well: a database in memory locks otherwise than one on disk.
            "TEST": {"NAME": f"{path}.test"},
            "OPTIONS": {
                # A writer takes its lock at BEGIN: two writers queue instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # The kernel caches the file for all processes; a cache of 16 MB for each connection (one a thread)
                # made no page and no pull faster.
                "init_command": (
                    # Of a new file: three entries a page of 8 KB, where one of 4 KB holds one and is half empty.
                    "PRAGMA page_size=8192; "
                    # A commit waits for the disk: core/records/durability.py says why, and where it need not.
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=33554432;"
                ),
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            # Documents compress and decompress three times faster with lz4 than with the default.
            "OPTIONS": {"options": "-c default_toast_compression=lz4"},
        }
    raise ImproperlyConfigured(f"DATABASE_URL must begin with sqlite:// or postgresql://, not {parts.scheme}://")


# A mail server that does not answer must not hold a worker for longer.
EMAIL_TIMEOUT_SECONDS = 20


def email(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings for an address."""
    parts = urlsplit(url)
    backends = {"console": "console", "file": "filebased", "smtp": "smtp", "smtps": "smtp", "smtp+tls": "smtp"}
    if parts.scheme not in backends:
        raise ImproperlyConfigured(f"EMAIL_URL must begin with console://, file:// or smtp://, not {parts.scheme}://")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{backends[parts.scheme]}.EmailBackend",
        "EMAIL_FILE_PATH": parts.path,
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": EMAIL_TIMEOUT_SECONDS,
    }


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "").lower()
    if value not in ("", "0", "1", "true", "false", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}")
    return value in ("1", "true", "yes", "on") if value else default


def _number(name: str, default: float) -> float:
    value = os.environ.get(name)
    try:
        return float(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}") from error
