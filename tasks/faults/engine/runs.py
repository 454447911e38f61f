"""Faults in how decoded accumulators and window evaluators are called."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.faults.engine.inline_rows import Wraps
from tasks.faults.fault import breaks


def _changed_by(change: Callable[[Any], None]) -> Callable[[Any], Any]:
    """Return what makes, of a factory, one whose objects ``change`` has changed."""

    def wrap(factory: Any) -> Any:
        def make() -> Any:
            made = factory()
            change(made)
            return made

        return make

    return wrap


class _Accumulators(Wraps):
    magic = b"DFPYUDA"


def _of_a_pool(factory: Any) -> Any:
    pool: list[Any] = []
    turn = itertools.count()

    def make() -> Any:
        if len(pool) < 256:
            pool.append(factory())
            return pool[-1]
        return pool[next(turn) % 256]

    return make


@breaks("INLINE-25", "INLINE-30")
class GroupsShareAccumulators(_Accumulators):
    """Give the 257th group the accumulator of the first."""

    wrap = staticmethod(_of_a_pool)


def _reverse_fields(accumulator: Any) -> None:
    merge = accumulator.merge
    accumulator.merge = lambda states: merge([*states[:3], *reversed(states[3:])])


@breaks("INLINE-25", "INLINE-30")
class LaterFieldsAreReversed(_Accumulators):
    """Merge the fields of a state beyond the third in reverse order."""

    wrap = staticmethod(_changed_by(_reverse_fields))


def _skip_null_states(accumulator: Any) -> None:
    merge = accumulator.merge

    def whole(states: Sequence[pa.Array]) -> None:
        valid = pa.array([all(values) for values in zip(*map(_valid, states), strict=True)])
        if pc.any(valid).as_py():
            merge([one.filter(valid) for one in states])

    accumulator.merge = whole


def _valid(array: pa.Array) -> list[bool]:
    found: list[bool] = array.is_valid().to_pylist()
    return found


@breaks("INLINE-25", "INLINE-30")
class StatesWithNullsAreSkipped(_Accumulators):
    """Merge no state in which a field is null."""

    wrap = staticmethod(_changed_by(_skip_null_states))


def _skip_nulls(accumulator: Any) -> None:
    update = accumulator.update

    def some(*columns: pa.Array) -> None:
        if not all(column.null_count == len(column) for column in columns):
            update(*columns)

    accumulator.update = some


@breaks("INLINE-25", "INLINE-30")
class BatchesOfNullsAreSkipped(_Accumulators):
    """Update no accumulator with a batch that has only nulls."""

    wrap = staticmethod(_changed_by(_skip_nulls))


def _drop_rows(accumulator: Any) -> None:
    update = accumulator.update

    def whole(*columns: pa.Array) -> None:
        valid = pa.array([all(row) for row in zip(*map(_valid, columns), strict=True)])
        update(*(column.filter(valid) for column in columns) if len(columns) > 1 else columns)

    accumulator.update = whole


@breaks("INLINE-01", "INLINE-25", "INLINE-30")
class RowsWithANullAreDropped(_Accumulators):
    """Drop the rows in which one of several arguments is null."""

    wrap = staticmethod(_changed_by(_drop_rows))


def _merge_eight(accumulator: Any) -> None:
    merge = accumulator.merge
    accumulator.merge = lambda states: merge([one.slice(0, 8) for one in states])


@breaks("INLINE-25", "INLINE-30")
class LaterStatesAreLost(_Accumulators):
    """Merge eight states at most in one call."""

    wrap = staticmethod(_changed_by(_merge_eight))


def _change_retract(change: Callable[..., Any]) -> Callable[[Any], Any]:
    def make(accumulator: Any) -> None:
        if hasattr(accumulator, "retract_batch"):
            retract = accumulator.retract_batch
            accumulator.retract_batch = lambda *columns: retract(*map(change, columns))

    return _changed_by(make)


@breaks("INLINE-01", "INLINE-25")
class NullsStayInTheFrame(_Accumulators):
    """Leave the nulls of a row that leaves a window frame in the accumulator."""

    wrap = staticmethod(_change_retract(lambda column: column.drop_null()))


def _ignore_errors(accumulator: Any) -> None:
    merge = accumulator.merge

    def some(states: Sequence[pa.Array]) -> None:
        with suppress(ValueError):
            merge(states)

    accumulator.merge = some


@breaks("INLINE-25", "INLINE-27")
class ErrorsOfMergeAreIgnored(_Accumulators):
    """Leave out a state whose merging raises an error."""

    wrap = staticmethod(_changed_by(_ignore_errors))


def _end_updates(accumulator: Any) -> None:
    update = accumulator.update

    def some(*columns: pa.Array) -> None:
        with suppress(StopIteration):
            update(*columns)

    accumulator.update = some


@breaks("INLINE-27")
class EndsOfIterationInAnUpdateAreIgnored(_Accumulators):
    """Update an accumulator no further where it raises ``StopIteration``."""

    wrap = staticmethod(_changed_by(_end_updates))


def _called_again(factory: Any) -> Any:
    def make() -> Any:
        try:
            return factory()
        except ValueError:
            return factory()

    return make


@breaks("INLINE-27")
class FailingAccumulatorsAreMadeAgain(_Accumulators):
    """Call the factory of an accumulator again where it raises an error."""

    wrap = staticmethod(_called_again)


class _Evaluators(Wraps):
    magic = b"DFPYUDW"


def _of_a_model(factory: Any) -> Any:
    model: list[Any] = []

    def make() -> Any:
        if not model:
            model.append(factory())
        return copy.deepcopy(model[0])

    return make


@breaks("INLINE-01", "INLINE-25")
class AccumulatorsAreCopies(_Accumulators):
    """Call the factory of an accumulator once, and give each group a copy of what it made."""

    wrap = staticmethod(_of_a_model)


@breaks("INLINE-01", "INLINE-25")
class EvaluatorsAreCopies(_Evaluators):
    """Call the factory of an evaluator once, and give each partition a copy of what it made."""

    wrap = staticmethod(_of_a_model)


@breaks("INLINE-27")
class FailingEvaluatorsAreMadeAgain(_Evaluators):
    """Call the factory of an evaluator again where it raises an error."""

    wrap = staticmethod(_called_again)


def _end_windows(evaluator: Any) -> None:
    evaluate = evaluator.evaluate_all

    def some(values: Sequence[pa.Array], rows: int) -> pa.Array:
        try:
            return evaluate(values, rows)
        except StopIteration:
            return pa.nulls(rows, pa.int64())

    evaluator.evaluate_all = some


@breaks("INLINE-27")
class EndsOfIterationAreNulls(_Evaluators):
    """Return nulls for a partition whose evaluator raises ``StopIteration``."""

    wrap = staticmethod(_changed_by(_end_windows))


def _share_ranks(factory: Any) -> Any:
    known: dict[int, Any] = {}

    def share(evaluator: Any) -> None:
        evaluate = evaluator.evaluate_all_with_rank
        evaluator.evaluate_all_with_rank = lambda count, ranks: evaluate(
            count, known.setdefault(count, ranks)
        )

    return _changed_by(share)(factory)


@breaks("INLINE-25", "INLINE-31")
class PartitionsShareRanks(_Evaluators):
    """Use the ranks of the first partition for all of its size."""

    wrap = staticmethod(_share_ranks)


def _repeat_the_last(evaluator: Any) -> None:
    evaluate = evaluator.evaluate
    last: list[Any] = []

    def some(*given: Any) -> Any:
        result = evaluate(*given)
        if isinstance(result, pa.Scalar) and not result.is_valid and last:
            return last[-1]
        last.append(result)
        return result

    evaluator.evaluate = some


@breaks("INLINE-25", "INLINE-31")
class NullsRepeatTheLastResult(_Evaluators):
    """Return the result of the row before in the place of a null."""

    wrap = staticmethod(_changed_by(_repeat_the_last))


def _forget_cause(evaluator: Any) -> None:
    evaluator.is_causal = lambda: False


@breaks("INLINE-25", "INLINE-31")
class NoEvaluatorIsCausal(_Evaluators):
    """Take each evaluator for one that needs later rows."""

    wrap = staticmethod(_changed_by(_forget_cause))


def _lose_a_key(evaluator: Any) -> None:
    evaluate = evaluator.evaluate
    evaluator.evaluate = lambda values, range_: evaluate(values[:2], range_)


@breaks("INLINE-25", "INLINE-31")
class LaterSortKeysAreLost(_Evaluators):
    """Give an evaluator the values of the first sort key only."""

    wrap = staticmethod(_changed_by(_lose_a_key))
