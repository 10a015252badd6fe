"""Hooks of schemathesis: real things to act on, and counts of what was answered.

Random ids name nothing, so most cases would end with 404. Where a case means a valid id, `run.ts` is asked for one:
it keeps a session, a webhook, a worker and so on for each caller, and gives fresh ones to whatever destroys.
"""

import atexit
import itertools
import json
import os
import re
import urllib.request
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import schemathesis
import urllib3.util.connection

SUBJECTS = os.environ["CONFORMANCE_SUBJECTS_URL"]
SINK = os.environ["CONFORMANCE_SINK_URL"]
CALLER = os.environ["CONFORMANCE_CALLER"]
STATS = os.environ["CONFORMANCE_STATS"]
SOON = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
FRESH_KEYS = os.environ["CONFORMANCE_FRESH_KEYS"] == "true"
KEPT = set(json.loads(os.environ["CONFORMANCE_KEPT"]))

counts = defaultdict(Counter)
# By operation, as last answered: a schema cannot say which cursors a list has given out.
cursors = {}
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# Made-up workers never stay: sessions would be placed on them.
WORKERS = {"addWorker", "registerWorker", "updateWorker", "heartbeatWorker"}
DATA_TYPE = re.compile(r"^data:[^;,]*")
MIMETYPES = {"image": "image/png", "sticker": "image/webp", "audio": "audio/ogg", "video": "video/mp4"}
FOREIGN_URL = re.compile(r"^\s*(https?|wss?|socks\w*)://(?!127\.0\.0\.1[:/])", re.IGNORECASE)

MAX_KEY = 128
requests = itertools.count(1)

# One source address for each connection, so that limits by address count what a caller does, not a whole run.
addresses = itertools.count(1)
connect = urllib3.util.connection.create_connection


def connect_from_next_address(address, *args, **kwargs):
    number = next(addresses)
    kwargs["source_address"] = (f"127.1.{number // 250 % 250}.{number % 250 + 1}", 0)
    if address[0] != "127.0.0.1":
        raise OSError(f"not loopback: {address[0]}")
    return connect(address, *args, **kwargs)


urllib3.util.connection.create_connection = connect_from_next_address


def ask(path, payload):
    request = urllib.request.Request(
        SUBJECTS + path, json.dumps(payload, default=str).encode(), {"content-type": "application/json"}
    )
    with direct.open(request, timeout=40) as answer:
        return json.loads(answer.read() or b"{}")


def of_its_type(message):
    """A file in a message of a type is of that type, which a schema says of no URL."""
    kind = str(message.get("type", "")).strip().lower()
    mimetype = MIMETYPES.get(kind)
    if mimetype is None:
        return message

    def typed(url):
        if not isinstance(url, str):
            return url
        if FOREIGN_URL.match(url):
            return f"{SINK}/{mimetype}/{next(addresses)}"
        return DATA_TYPE.sub(lambda _: f"data:{mimetype}", url)

    media = message.get("media")
    if isinstance(media, dict):
        media = {key: typed(each) if key == "url" else each for key, each in media.items()}
        if "mimetype" in media:
            media["mimetype"] = mimetype
    return {**message, "media": typed(media)}


def with_link(message):
    """A preview is of a link in the text, which a schema cannot say."""
    text, preview = message.get("message"), message.get("linkPreview")
    if not isinstance(text, str) or not isinstance(preview, dict) or not isinstance(preview.get("url"), str):
        return message
    url = preview["url"]
    return {**message, "message": f"{url} {text}"[: max(len(url), len(text))]}


def on_loopback(value, valid, name=""):
    """Whatever the gateway may be told to call is a server of this run; what was made invalid stays so."""
    if isinstance(value, str):
        # At most 90 days ahead, which a schema cannot say.
        if name == "scheduledAt" and valid:
            return SOON
        if not FOREIGN_URL.match(value):
            return value
        if not valid:
            return "no URL"
        # A session behind a proxy of ours would never reach WhatsApp's sandbox again.
        return None if name == "proxy" else f"{SINK}/{next(addresses)}"
    if isinstance(value, list):
        return [on_loopback(each, valid, name) for each in value]
    if isinstance(value, dict):
        given = of_its_type(value) if valid and "media" in value else value
        mapped = {key: on_loopback(each, valid, key) for key, each in given.items()}
        return with_link(mapped) if valid else mapped
    return value


def operation_id(case):
    return case.operation.definition.raw.get("operationId", case.operation.label)


def without_kept(value):
    """What the run needs to its end is neither changed nor removed by a case that came upon its id."""
    if isinstance(value, str):
        return "not-there" if value in KEPT else value
    if isinstance(value, list):
        return [without_kept(each) for each in value]
    if isinstance(value, dict):
        return {key: without_kept(each) for key, each in value.items()}
    return value


def bearer(token):
    def authorize(request):
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return authorize


def is_valid(case):
    return case.meta is None or not case.meta.generation.mode.is_negative


def is_sequence(case):
    return case.meta is not None and case.meta.phase.name.value == "stateful"


def with_real_cursor(case):
    query = {name: value for name, value in (case.query or {}).items() if name != "cursor"}
    cursor = cursors.get(operation_id(case))
    return query if cursor is None else {**query, "cursor": cursor}


def with_fresh_key(headers):
    """A key that was used before would have the answer decided by that, and not by the case."""

    def fresh(name, value):
        is_key = name.lower() == "idempotency-key" and isinstance(value, str)
        return f"{next(requests)}-{value}"[:MAX_KEY] if is_key and value.strip() and len(value) <= MAX_KEY else value

    return {name: fresh(name, value) for name, value in headers.items()}


def data_of(response):
    try:
        return json.loads(response.content).get("data")
    except (ValueError, AttributeError):
        return None


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path.startswith("/api/v1/auth/"):
        case.headers = {**(case.headers or {}), "Connection": "close"}
    case.body = on_loopback(case.body, is_valid(case))
    if FRESH_KEYS and case.headers:
        case.headers = with_fresh_key(case.headers)
    if case.operation.method.upper() != "GET":
        case.body = without_kept(case.body)
        case.path_parameters = without_kept(case.path_parameters)
    # What is invalid is refused before anything is looked for; sequences name what they have made themselves.
    if not is_valid(case):
        return
    if "cursor" in (case.query or {}):
        case.query = with_real_cursor(case)
    subject = ask("/subject", {"operation": operation_id(case), "caller": CALLER})
    if subject.get("query"):
        case.query = {**(case.query or {}), **subject["query"]}
    if is_sequence(case):
        return
    for name, value in subject.get("path", {}).items():
        if name in (case.path_parameters or {}):
            case.path_parameters[name] = value
    if isinstance(case.body, dict):
        body = {name: value for name, value in case.body.items() if name not in subject.get("without", [])}
        case.body = {**body, **subject.get("body", {})}
    if subject.get("token"):
        # The caller's own header wins over a case's; what `requests` calls auth comes after both.
        kwargs["auth"] = bearer(subject["token"])


@schemathesis.hook
def after_call(context, case, response):
    operation = operation_id(case)
    counts[operation][str(response.status_code)] += 1
    data = data_of(response) if response.status_code < 300 else None
    if isinstance(data, dict) and (data.get("pagination") or {}).get("cursor"):
        cursors[operation] = data["pagination"]["cursor"]
    if response.status_code < 300 and (not is_sequence(case) or operation in WORKERS):
        ask("/after", {"operation": operation, "caller": CALLER, "data": data})


@atexit.register
def write_counts():
    with open(STATS, "w", encoding="utf-8") as file:
        json.dump(counts, file)
