"""Read every frame of the store with what Kaitai Struct makes of ``golden/frame.ksy``."""
