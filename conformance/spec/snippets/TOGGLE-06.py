from datafusion import SessionContext

session = SessionContext()
strict = session.with_python_udf_inlining(enabled=False)
session.from_pydict({"a": [1]}, name="t")

assert strict.sql("SELECT a FROM t").to_pydict() == {"a": [1]}
