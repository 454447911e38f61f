"""Plot the costs. This module alone needs matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from packaging.version import Version

from tasks.bench.costs import FAMILIES, Cost

PANELS: Mapping[str, Callable[[Cost], float]] = {
    "bytes": lambda cost: cost.bytes,
    "µs to encode": lambda cost: cost.encode,
    "µs to decode": lambda cost: cost.decode,
}
STYLES = {"inline": "-", "by name": ":"}


def series(costs: Sequence[Cost]) -> dict[tuple[str, str, str], list[Cost]]:
    """Return the lines of the plot: costs by family, form and engine, oldest cloudpickle first."""
    lines: dict[tuple[str, str, str], list[Cost]] = {}
    order = sorted(costs, key=lambda cost: (Version(cost.engine), Version(cost.cloudpickle)))
    for cost in order:
        lines.setdefault((cost.family, cost.form, cost.engine), []).append(cost)
    return lines


def draw(costs: Sequence[Cost], path: Path) -> None:
    """Write an SVG with a column per family, a row per measure, a line per form and engine."""
    import matplotlib as mpl
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullLocator

    mpl.use("svg")
    # The same costs give the same file.
    mpl.rcParams.update({"svg.hashsalt": "costs", "svg.fonttype": "none"})
    figure, axes = pyplot.subplots(
        *(len(PANELS), len(FAMILIES)), figsize=(9, 8), sharex=True, sharey="row", squeeze=False
    )
    lines = series(costs)
    engines = [*dict.fromkeys(engine for _, _, engine in lines)]
    for (family, form, engine), line in lines.items():
        for row, (title, number) in enumerate(PANELS.items()):
            axis = axes[row][FAMILIES.index(line[0].family)]
            axis.plot(
                [cost.cloudpickle for cost in line],
                [number(cost) for cost in line],
                STYLES[form],
                color=f"C{engines.index(engine)}",
                # Lines of engines with equal costs overlap.
                marker="o+x^sd"[engines.index(engine) % 6],
                fillstyle="none",
                markersize=7,
                linewidth=1,
                label=f"{engine} {form}",
            )
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.yaxis.set_minor_locator(NullLocator())
            axis.yaxis.set_major_formatter("{x:,g}")
            axis.set_ylabel(title if axis is axes[row][0] else "")
            axis.set_title(family if row == 0 else "")
            axis.grid(visible=True, alpha=0.3)
    for axis in axes[-1]:
        axis.set_xlabel("cloudpickle")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="lower center", ncols=len(engines))
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)
