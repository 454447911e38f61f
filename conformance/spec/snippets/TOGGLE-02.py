from datafusion import SessionContext

try:
    SessionContext().with_python_udf_inlining(False)
except TypeError:
    pass
else:
    raise AssertionError("expected a TypeError")
