"""Write a call whose frame begins as Python source."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FrameType
from typing import Any

from conformance.runner.calls.public import Public
from conformance.runner.calls.source import Source

_OPERATORS: Mapping[str, str] = {
    "__add__": "+",
    "__sub__": "-",
    "__mul__": "*",
    "__truediv__": "/",
    "__mod__": "%",
    "__and__": "&",
    "__or__": "|",
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
}
_SHOWN: Mapping[str, str] = {"__repr__": "repr", "__str__": "str", "__iter__": "iter"}


def text_of_call(public: Public, frame: FrameType, source: Source) -> tuple[str, str]:
    """Return the source of a call of ``public``, and that of its receiver, or ``""``."""
    positional, named = _arguments(public, frame)
    first = frame.f_code.co_varnames[:1]
    receiver = source.of(positional.pop(0)) if public.kind != "function" else ""
    if public.kind == "function" and first in (("self",), ("cls",)):
        del positional[0]  # the name of the class is in the name of the function
    texts = [*map(source.of, positional)]
    texts += [f"{name}={source.of(value)}" for name, value in named.items()]
    return _written(public, receiver, ", ".join(texts)), receiver


def _written(public: Public, receiver: str, arguments: str) -> str:
    name = public.name
    if public.kind == "property":
        return f"{receiver}.{name}"
    if name in _OPERATORS:
        return f"{receiver} {_OPERATORS[name]} {arguments}"
    if name in _SHOWN:
        return f"{_SHOWN[name]}({receiver})"
    if name == "__call__":
        return f"{receiver}({arguments})"
    if name == "__getitem__":
        return f"{receiver}[{arguments}]"
    return f"{receiver}.{name}({arguments})" if receiver else f"{name}({arguments})"


def _arguments(public: Public, frame: FrameType) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments by position and those by name, without those that are defaults."""
    code, values, function = frame.f_code, frame.f_locals, public.function
    names = list(code.co_varnames)
    positional = [values[name] for name in names[: code.co_argcount]]
    end = code.co_argcount + code.co_kwonlyargcount
    named = {name: values[name] for name in names[code.co_argcount : end]}
    if code.co_flags & inspect.CO_VARARGS:
        positional += values[names[end]]
        end += 1
    else:
        for default in reversed(function.__defaults__ or ()):
            if positional[-1] is not default:
                break
            positional.pop()
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named.update(values[names[end]])
    defaults = function.__kwdefaults__ or {}
    return positional, {
        name: value
        for name, value in named.items()
        if name not in defaults or defaults[name] is not value
    }
