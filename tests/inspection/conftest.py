from hypothesis import settings

# The first example pays for lazy imports, and continuous integration is slow at times.
settings.register_profile("wire", deadline=None)
settings.load_profile("wire")
