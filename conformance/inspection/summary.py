"""The text that ``inspect`` prints for a file: a summary, and on request all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from conformance.inspection.refusals import MAIN, REPEATED, needed_packages, refusals
from conformance.inspection.udf import Values
from conformance.wire.frame import Frame
from conformance.wire.text import printable

MAX_SHOWN = 12
"""The maximum number of different UDFs, calls and so on that a summary shows."""


def summary(values: Values, file: str, *, whole: bool = False) -> str:
    """Return the text for what ``inspect`` describes; ``whole`` shows every UDF."""
    return "\n".join(_lines(values, file, None if whole else MAX_SHOWN)) + "\n"


def _lines(values: Values, file: str, most: int | None) -> Iterator[str]:
    udfs, envelopes, calls = values["udfs"], values["envelopes"], values["calls_by_name"]
    container = values["container"] or "unknown format"
    yield f"{printable(file)}: {container}, {values['size']} bytes"
    if "error" in values:
        yield f"  ! {printable(values['error'])}"
    else:
        yield f"  {_count(values)}"
    if values.get("repeated"):
        yield f"  ! {REPEATED}"
    if any(values.get("pickle", {}).values()):
        yield "  the pickle itself"
        yield from (f"  {line}" for line in _names(values["pickle"]))
    groups: dict[str, list[Values]] = {}
    for one in udfs:
        groups.setdefault(_title(one), []).append(one)
    for title, same in islice(groups.items(), most):
        yield ""
        yield from _udf(title, same)
    yield from _more("UDF", len(groups), most)
    for one in islice(envelopes, most):
        yield ""
        yield from _envelope(one)
    yield from _more("envelope", len(envelopes), most)
    if calls:
        yield ""
        yield "by name: built-in or registered, the bytes do not say"
        for call in islice(calls, most):
            times = f", {call['count']} times" if call["count"] > 1 else ""
            yield f"  {call['kind']} {call['name']!a}{times}"
        yield from _more("function", len(calls), most)
    yield from _conditions(values)
    yield from _unread(values["unread"], most)


def _count(values: Values) -> str:
    """Return one line: how much there is of everything."""
    udfs, envelopes, calls = values["udfs"], values["envelopes"], values["calls_by_name"]
    if not udfs and not envelopes and not values["unread"]:
        found = "no Python UDF travels inline"
    else:
        inside = sum(one["inside"] is not None for one in udfs)
        found = f"{_plural(len(udfs), 'Python UDF')} inline"
        found += f", {inside} of them inside the payload of another" if inside else ""
        found += f", {_plural(len(envelopes), 'envelope')}" if envelopes else ""
    found += f", {_plural(len(calls), 'function')} by name" if calls else ""
    if not values["calls_complete"]:
        found += "; too large or too deep to search for all calls by name"
    if values["omitted"]:
        found += f"; {values['omitted']} more are not described"
    return found


def _title(one: Values) -> str:
    name = one.get("name")
    name = one["field_name"] if name is None else name
    inside = f", inside the payload of UDF {one['inside']}" if one["inside"] else ""
    arguments = ", ".join(_fields(one, "input_schema"))
    returns = ", ".join(_fields(one, "return_schema"))
    signature = f"({arguments}) -> {returns}" if "return_schema" in one else ""
    return f"{one['kind']} {name!a} {signature}".rstrip() + inside + _digest(one)


def _digest(one: Values) -> str:
    return f", payload {one['payload_sha256'][:8]}" if "payload_sha256" in one else ""


def _fields(one: Values, key: str) -> Iterable[str]:
    schema = one.get(key) or {}
    lines = schema.get("fields", [f"{schema.get('size', 0)} bytes"])
    return [line.strip() for line in lines]


def _udf(title: str, same: list[Values]) -> Iterator[str]:
    """Yield the lines of a UDF that occurs once or several times."""
    one = same[0]
    numbers = f"{one['number']}" if len(same) == 1 else f"{one['number']} and {len(same) - 1} more"
    yield f"{numbers}: {printable(title)}"
    where = "in a text" if one["offset"] is None else f"at {one['offset']:#06x}"
    yield f"  {where}, {one['size']} bytes{_field_name(one)}"
    if "python" in one:
        known = Frame.supports(one["wire_version"])
        rest = "" if known else ", which no released engine reads"
        yield f"  wire version {one['wire_version']}, Python {one['python']}{rest}"
    if "volatility" in one:
        state = ", ".join(_fields(one, "state_schema")) if "state_schema" in one else ""
        yield f"  {one['volatility']}" + (f", state {state}" if state else "")
    yield from _names(one)
    if "bytes_after_stop" in one:
        yield f"  {one['bytes_after_stop']} bytes after STOP, which unpickling ignores"
    for schema in ("input_schema", "return_schema", "state_schema"):
        if hint := (one.get(schema) or {}).get("hint"):
            yield f"  {hint}"
            break
    if "error" in one:
        yield f"  ! {printable(one['error'])}"


def _names(one: Values) -> Iterator[str]:
    """Yield what unpickling imports, and what the code names."""
    for key, label in (
        ("imports", "imports"),
        ("modules", "imports by a call"),
        ("names", "names in its code"),
    ):
        if names := one.get(key):
            yield f"  {label}: {', '.join(map(printable, names))}"
    if omitted := one.get("names_omitted"):
        yield f"  {_plural(omitted, 'name')} more, not listed"
    for name in one.get("imports", ()):
        if name.startswith(MAIN):
            yield f"  ! {printable(name)}: only the sender's main program defines this name"


def _field_name(one: Values) -> str:
    """Return the name beside the frame, where it is another than that in the tuple."""
    if one["field_name"] in (None, one.get("name")):
        return ""
    return f", beside the name {one['field_name']!a}"


def _envelope(one: Values) -> Iterator[str]:
    codec = f" of codec {one['codec_id']!a}" if "codec_id" in one else ""
    yield f"envelope {one['number']}{codec}"
    version = f", version {one['version']}" if "version" in one else ""
    blob = f", blob of {one['blob_size']} bytes" if "blob_size" in one else ""
    yield f"  at {one['offset']:#06x}, {one['size']} bytes{version}{blob}"
    if "error" in one:
        yield f"  ! {printable(one['error'])}"


def _conditions(values: Values) -> Iterator[str]:
    """Yield what a receiver needs, and who refuses the file."""
    packages, refused = needed_packages(values), refusals(values)
    if packages or refused:
        yield ""
    if packages:
        yield f"needs on the receiver: {', '.join(map(printable, packages))}"
    if refused:
        yield "refused by"
        yield from (f"  {printable(line)}" for line in refused)


def _unread(unread: list[Values], most: int | None) -> Iterator[str]:
    """Yield a line for each magic that was not reached."""
    if unread:
        yield ""
    for one in islice(unread, most):
        where = f" in the payload of UDF {one['inside']}" if one["inside"] else ""
        at = "" if one["offset"] is None else f" {one['offset']:#06x}"
        yield f"!{at} magic {one['magic']}{where}: not reached, its UDF is not shown"
    yield from _more("magic", len(unread), most)


def _more(noun: str, count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield f"  ... and {_plural(count - most, noun)} more: --all shows them"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
