from datafusion import SessionConfig, SessionContext

config = SessionConfig({"datafusion.catalog.information_schema": "true"}).with_batch_size(77)
strict = SessionContext(config).with_python_udf_inlining(enabled=False)
size = strict.sql("SHOW datafusion.execution.batch_size").to_pydict()["value"]

assert size == ["77"]
