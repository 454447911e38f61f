"""The functions of cloudpickle that payloads import, by the releases that have them."""

from __future__ import annotations

HELPERS = {
    **dict.fromkeys(
        ("_builtin_type", "_make_cell", "_make_empty_cell", "_make_skeleton_class", "subimport"),
        "2.0",
    ),
    **dict.fromkeys(("dynamic_subimport", "_make_skeleton_enum", "_make_typevar"), "2.0"),
    **dict.fromkeys(("_make_dict_items", "_make_dict_keys", "_make_dict_values"), "2.0"),
    "_make_function": "2.1",
    **dict.fromkeys(("_class_setstate", "_file_reconstructor", "_function_setstate"), "3.0"),
    "_get_dataclass_field_type_sentinel": "3.0",
}
"""The functions of ``cloudpickle.cloudpickle`` that payloads import, and since which release."""

OLD_HELPERS = frozenset(
    f"cloudpickle.cloudpickle_fast.{name}"
    for name in ("_class_setstate", "_file_reconstructor", "_function_setstate")
)
"""The names in payloads of cloudpickle 2; every later release has them, too."""
