from datafusion import SessionContext

try:
    SessionContext().with_python_udf_inlining()
except TypeError:
    pass
else:
    raise AssertionError("expected a TypeError")
