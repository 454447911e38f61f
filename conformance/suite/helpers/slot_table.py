"""Hand-written tables of the session that encodes and the session that decodes.

The columns explicit, sender and worker give the session in each place: ``-`` none,
``i`` an inlining session, ``s`` a strict session.
"""

ENCODE = """
explicit sender worker   to_bytes dumps   clause
-        -      -        frame    frame   SLOT-04
-        -      i        frame    frame   SLOT-05
-        -      s        frame    frame   SLOT-05
-        i      -        frame    frame   SLOT-02
-        i      i        frame    frame   SLOT-05
-        i      s        frame    frame   SLOT-05
-        s      -        name     name    SLOT-02
-        s      i        name     name    SLOT-05
-        s      s        name     name    SLOT-05
i        -      -        frame    -       SLOT-01
i        -      i        frame    -       SLOT-01
i        -      s        frame    -       SLOT-01
i        i      -        frame    -       SLOT-01
i        i      i        frame    -       SLOT-01
i        i      s        frame    -       SLOT-01
i        s      -        frame    -       SLOT-01
i        s      i        frame    -       SLOT-01
i        s      s        frame    -       SLOT-01
s        -      -        name     -       SLOT-01
s        -      i        name     -       SLOT-01
s        -      s        name     -       SLOT-01
s        i      -        name     -       SLOT-01
s        i      i        name     -       SLOT-01
s        i      s        name     -       SLOT-01
s        s      -        name     -       SLOT-01
s        s      i        name     -       SLOT-01
s        s      s        name     -       SLOT-01
"""
"""The form of the UDF in the bytes of ``to_bytes`` and ``pickle.dumps`` (without a session)."""

DECODE = """
explicit sender worker   decides   inline    clause
-        -      -        global    decoded   SLOT-08
-        i      -        global    decoded   SLOT-09
-        s      -        global    decoded   SLOT-09
-        -      i        worker    decoded   SLOT-07
-        i      i        worker    decoded   SLOT-09
-        s      i        worker    decoded   SLOT-09
-        -      s        worker    refused   SLOT-07
-        i      s        worker    refused   SLOT-09
-        s      s        worker    refused   SLOT-09
i        -      -        explicit  decoded   SLOT-06
i        i      -        explicit  decoded   SLOT-06
i        s      -        explicit  decoded   SLOT-06
i        -      i        explicit  decoded   SLOT-06
i        i      i        explicit  decoded   SLOT-06
i        s      i        explicit  decoded   SLOT-06
i        -      s        explicit  decoded   SLOT-06
i        i      s        explicit  decoded   SLOT-06
i        s      s        explicit  decoded   SLOT-06
s        -      -        explicit  refused   SLOT-06
s        i      -        explicit  refused   SLOT-06
s        s      -        explicit  refused   SLOT-06
s        -      i        explicit  refused   SLOT-06
s        i      i        explicit  refused   SLOT-06
s        s      i        explicit  refused   SLOT-06
s        -      s        explicit  refused   SLOT-06
s        i      s        explicit  refused   SLOT-06
s        s      s        explicit  refused   SLOT-06
"""
"""The session that resolves names, and the outcome for an inline frame."""


def parse_rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table as dictionaries keyed by column name."""
    head, *body = (line.split() for line in table.strip().splitlines())
    return [dict(zip(head, line, strict=True)) for line in body]
