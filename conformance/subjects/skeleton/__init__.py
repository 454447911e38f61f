"""The files that ``dfpy-conformance new-subject`` writes: an adapter without its methods."""
