"""Entries with scalar UDFs over Arrow's flat types."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pyarrow as pa

from conformance.catalogue.build import TEXT, mapped_entry, scalar_entry

_BERLIN = timezone(timedelta(hours=2))

_NUMBERS = (
    mapped_entry(
        "types/boolean",
        "Booleans are bits, not bytes. A wrong offset shifts them by rows.",
        "not x",
        pa.bool_(),
        "pa.bool_()",
        [True, None, False, False],
        [False, None, True, True],
    ),
    scalar_entry(
        "types/signed",
        "The extreme values of each signed integer width. A widened type no longer matches.",
        """
        import pyarrow as pa
        def f(a, b, c):
            rows = zip(a.to_pylist(), b.to_pylist(), c.to_pylist())
            return pa.array([a + b - c for a, b, c in rows], pa.int32())
        """,
        [pa.int8(), pa.int16(), pa.int32()],
        pa.int32(),
        [[-128, 127], [-32768, 32767], [2147450751, -2147450753]],
        [-2147483647, 2147483647],
    ),
    scalar_entry(
        "types/unsigned",
        "The largest unsigned values, which become negative if signedness is lost.",
        """
        import pyarrow as pa
        def f(a, b, c, d):
            rows = zip(*(column.to_pylist() for column in (a, b, c, d)))
            return pa.array([d - c - b - a for a, b, c, d in rows], pa.uint64())
        """,
        [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()],
        pa.uint64(),
        [[255, 0], [65535, 1], [4294967295, 2], [18446744073709551615, 10]],
        # 255 + 65535 + 4294967295 = 4295033085
        [18446744069414518530, 7],
    ),
    scalar_entry(
        "types/float32",
        "Single precision. A result declared as double would show digits that single precision "
        "drops.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.divide(a, pc.cast(4, a.type))
        """,
        [pa.float32()],
        pa.float32(),
        [[1.0, -2.5, None, 16777216.0]],
        [0.25, -0.625, None, 4194304.0],
    ),
    mapped_entry(
        "types/decimal",
        "The schema holds precision and scale. If they are swapped or lost, the value is off by "
        "powers of ten.",
        "x * 3",
        pa.decimal128(10, 2),
        "pa.decimal128(12, 3)",
        [Decimal("1.25"), None, Decimal("-99999999.99")],
        [Decimal("3.750"), None, Decimal("-299999999.970")],
    ),
    mapped_entry(
        "types/decimal256",
        "Values wider than 128 bits, which a narrower decimal truncates.",
        "x.copy_negate()",
        pa.decimal256(60, 1),
        "pa.decimal256(70, 3)",
        [Decimal("123456789" * 6 + ".5"), Decimal("-1.0")],
        [Decimal("-" + "123456789" * 6 + ".500"), Decimal("1.000")],
    ),
)

_TIMES = (
    mapped_entry(
        "types/timestamp",
        "A timestamp without a zone. In another unit, the date is off by decades.",
        "x.replace(year=x.year + 4, microsecond=x.microsecond * 2)",
        pa.timestamp("us"),
        "pa.timestamp('us')",
        [datetime(2000, 2, 29, 5, 6, 7, 8), None, datetime(1999, 12, 31)],
        [datetime(2004, 2, 29, 5, 6, 7, 16), None, datetime(2003, 12, 31)],
    ),
    scalar_entry(
        "types/timestamp-zone",
        "The zone is a string in the type. Without it, the value becomes local time or is "
        "rejected.",
        """
        import pyarrow as pa
        def f(a):
            return pa.array([f"{x} {a.type}" for x in a.cast(pa.int64()).to_pylist()])
        """,
        [pa.timestamp("ms", "Europe/Berlin")],
        TEXT,
        [[1500, 0, -7]],
        [f"{x} timestamp[ms, tz=Europe/Berlin]" for x in (1500, 0, -7)],
    ),
    scalar_entry(
        "types/timestamp-offset",
        "The result type has a zone, given as an offset. Without it, the result is naive.",
        """
        import pyarrow as pa
        def f(a):
            shifted = [x + 3600 for x in a.cast(pa.int64()).to_pylist()]
            return pa.array(shifted, pa.timestamp("s", "+02:00"))
        """,
        [pa.timestamp("s", "+02:00")],
        pa.timestamp("s", "+02:00"),
        [[0, 86400]],
        [datetime(1970, 1, 1, 3, tzinfo=_BERLIN), datetime(1970, 1, 2, 3, tzinfo=_BERLIN)],
    ),
    scalar_entry(
        "types/dates",
        "Two date types: days in 32 bits and milliseconds in 64.",
        """
        import pyarrow as pa
        from datetime import timedelta
        def f(a, b):
            rows = zip(a.to_pylist(), b.to_pylist())
            return pa.array([b + timedelta(days=a.day) for a, b in rows], pa.date32())
        """,
        [pa.date32(), pa.date64()],
        pa.date32(),
        [[date(2024, 2, 29), date(1969, 7, 20)], [date(2024, 2, 1), date(1970, 1, 1)]],
        [date(2024, 3, 1), date(1970, 1, 21)],
    ),
    scalar_entry(
        "types/times",
        "Two time types: seconds in 32 bits and microseconds in 64.",
        """
        import pyarrow as pa
        from datetime import time
        def f(a, b):
            rows = zip(a.to_pylist(), b.to_pylist())
            new = [time(a.hour, b.minute, a.second, b.microsecond) for a, b in rows]
            return pa.array(new, pa.time64("us"))
        """,
        [pa.time32("s"), pa.time64("us")],
        pa.time64("us"),
        [[time(1, 2, 3), time(23, 59, 58)], [time(4, 5, 6, 7), time(0, 1, 2, 999999)]],
        [time(1, 5, 3, 7), time(23, 1, 58, 999999)],
    ),
    mapped_entry(
        "types/duration",
        "A duration has a unit and no calendar.",
        "x * -2",
        pa.duration("ms"),
        "pa.duration('ms')",
        [timedelta(milliseconds=1500), None, timedelta(days=-1)],
        [timedelta(seconds=-3), None, timedelta(days=2)],
    ),
    mapped_entry(
        "types/interval",
        "An interval holds months, days and nanoseconds, which must not be swapped.",
        "(x[1], x[2], x[0])",
        pa.month_day_nano_interval(),
        "pa.month_day_nano_interval()",
        [(1, 2, 3), None, (-4, 0, 9)],
        [(2, 3, 1), None, (0, 9, -4)],
    ),
)

_BYTES = (
    mapped_entry(
        "types/binary",
        "Bytes that are not valid UTF-8. A codec that treats them as text fails.",
        "x[::-1] + bytes([0xFE])",
        pa.binary(),
        "pa.binary()",
        [b"\xff\x00a", None, b""],
        [b"a\x00\xff\xfe", None, b"\xfe"],
    ),
    mapped_entry(
        "types/fixed-size-binary",
        "The type holds the byte width.",
        "x[1:]",
        pa.binary(3),
        "pa.binary(2)",
        [b"abc", None, b"\x00\x80\xff"],
        [b"bc", None, b"\x80\xff"],
    ),
    mapped_entry(
        "types/large-string",
        "A string type with 64-bit offsets, distinct from the one with 32-bit offsets.",
        "x.upper() + '!'",
        pa.large_string(),
        "pa.large_string()",
        ["straße", None, ""],
        ["STRASSE!", None, "!"],
    ),
    mapped_entry(
        "types/large-binary",
        "Binary with 64-bit offsets, easily mistaken for a large string.",
        "x * 2",
        pa.large_binary(),
        "pa.large_binary()",
        [b"\xc3", None, b"ab"],
        [b"\xc3\xc3", None, b"abab"],
    ),
    mapped_entry(
        "types/string-view",
        "The engine prefers string views, but many schema readers predate them.",
        "x[::-1]",
        pa.string_view(),
        "pa.string_view()",
        ["short", None, "longer than the twelve bytes that are inlined"],
        ["trohs", None, "denilni era taht setyb evlewt eht naht regnol"],
    ),
    mapped_entry(
        "types/binary-view",
        "Binary views whose bytes are not valid UTF-8.",
        "x + x[:1]",
        pa.binary_view(),
        "pa.binary_view()",
        [b"\xff\xfe", None, b"thirteen byte"],
        [b"\xff\xfe\xff", None, b"thirteen bytet"],
    ),
)

ENTRIES = (*_NUMBERS, *_TIMES, *_BYTES)
