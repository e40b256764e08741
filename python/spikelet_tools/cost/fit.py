"""Finds prices that are not negative and leave the least relative squares of what was counted."""

from __future__ import annotations

Row = tuple[dict[str, float], float]
"""The features of a run, and its instructions."""


def fit(rows: list[Row], sweeps: int = 4000, tolerance: float = 1e-10) -> dict[str, float]:
    """Prices of all features in the rows, by coordinate descent; none is below 0."""
    scaled = [({name: count / max(total, 2000.0) for name, count in features.items() if count},
               total / max(total, 2000.0)) for features, total in rows]
    names = sorted({name for features, _ in scaled for name in features})
    columns = {name: [(index, features[name]) for index, (features, _) in enumerate(scaled)
                      if name in features] for name in names}
    squares = {name: sum(value * value for _, value in columns[name]) for name in names}
    prices = dict.fromkeys(names, 0.0)
    rest = [target for _, target in scaled]
    for _ in range(sweeps):
        change = 0.0
        for name in names:
            column = columns[name]
            slope = sum(rest[index] * value for index, value in column)
            price = max(0.0, prices[name] + slope / squares[name])
            step = price - prices[name]
            if step:
                prices[name] = price
                for index, value in column:
                    rest[index] -= step * value
                change = max(change, abs(step) * squares[name] ** 0.5)
        if change < tolerance:
            break
    return prices
