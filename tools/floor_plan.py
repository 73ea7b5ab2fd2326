"""A graph without circles as boxes on floors: each stands above everything that it points to; SVG without a library.

Arrows run straight through the floors between their ends, in a lane of their own, so that none crosses a box.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise

Graph = Mapping[str, set[str]]
Floors = list[list[str]]
Segments = list[tuple[str, str]]
"""Steps of arrows from one floor to the next below."""

_BOX_HEIGHT, _GAP_HEIGHT, _LETTER, _PADDING, _BETWEEN, _LANE, _MARGIN = 30, 56, 7.3, 22, 22, 16, 24
_SWEEPS = 60


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """Groups of nodes that reach each other."""
    reach = {name: _reached(graph, name) for name in graph}
    found = {tuple(sorted(m for m in reach[name] if name in reach[m])) for name in graph if name in reach[name]}
    return sorted(found)


def _reached(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    todo = list(graph[start])
    while todo:
        if (name := todo.pop()) not in found:
            found.add(name)
            todo += graph[name]
    return found


def reduced(graph: Graph) -> dict[str, list[str]]:
    """Without the arrows that two or more others make.

    >>> reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    {'a': ['b'], 'b': ['c'], 'c': []}
    """
    reach = {name: _reached(graph, name) for name in graph}
    return {
        name: sorted(other for other in others if not any(other in reach[m] for m in others if m != other))
        for name, others in sorted(graph.items())
    }


def floor_of(graph: Graph) -> dict[str, int]:
    """The floor of each node, from 0: one above the highest that it points to.

    >>> floor_of({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    {'a': 2, 'b': 1, 'c': 0}
    """
    ring = {name: circle for circle in circles(graph) for name in circle}
    found: dict[str, int] = {}

    def floor(name: str) -> int:
        if name not in found:
            group = ring.get(name, (name,))
            below = sorted({other for member in group for other in graph[member]} - set(group))
            height = 1 + max((floor(other) for other in below), default=-1)
            found.update(dict.fromkeys(group, height))
        return found[name]

    return {name: floor(name) for name in sorted(graph)}


def drawn(graph: Graph, colours: Mapping[str, str], title: str) -> str:
    """The graph as SVG.

    Args:
        graph: nodes, each with those that it points to.
        colours: of boxes, by the first part of their names.
        title: for those who do not see it.
    """
    floors, segments, chains = _lanes(reduced(graph), floor_of(graph))
    _sort(floors, segments)
    x = _places(floors, segments)
    width = max(x[name] + _width(name) / 2 for floor in floors for name in floor) + _MARGIN
    height = len(floors) * (_BOX_HEIGHT + _GAP_HEIGHT) - _GAP_HEIGHT + 2 * _MARGIN
    level = {name: number for number, floor in enumerate(floors) for name in floor}
    top = {name: height - _MARGIN - _BOX_HEIGHT - n * (_BOX_HEIGHT + _GAP_HEIGHT) for name, n in level.items()}
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" font-family="sans-serif" font-size="12">',
            f"<title>{escape(title)}</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0L8 4L0 8z" fill="#475569"/></marker></defs>',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *(_arrow(chain, x, top) for chain in chains),
            *(_box(name, x[name], top[name], colours) for floor in floors for name in floor if not _is_lane(name)),
            "</svg>\n",
        ]
    )


def _lanes(arrows: Mapping[str, list[str]], level: Mapping[str, int]) -> tuple[Floors, Segments, list[list[str]]]:
    """Floors with a place for every arrow that passes; its steps; each arrow as a chain of places."""
    floors: Floors = [[] for _ in range(max(level.values(), default=0) + 1)]
    for name in sorted(level):
        floors[level[name]].append(name)
    chains = []
    for name, others in arrows.items():
        for other in others:
            between = range(level[name] - 1, level[other], -1)
            lanes = [f"{n}|{other}" for n in between]  # arrows to one box share a lane, as a trunk does
            for n, lane in zip(between, lanes, strict=True):
                if lane not in floors[n]:
                    floors[n].append(lane)
            chains.append([name, *lanes, other])
    segments = sorted({step for chain in chains for step in pairwise(chain)})
    return floors, segments, chains


def _is_lane(name: str) -> bool:
    return "|" in name


def _width(name: str) -> float:
    return 0.0 if _is_lane(name) else _PADDING + _LETTER * len(_label(name))


def _label(name: str) -> str:
    first, _, rest = name.partition("/")
    return rest if first == "modgap_core" and rest != "*.py" else name


def _neighbours(segments: Segments, down: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for upper, lower in segments:
        one, other = (upper, lower) if down else (lower, upper)
        found.setdefault(one, []).append(other)
    return found


def _sort(floors: Floors, segments: Segments) -> None:
    """Order each floor by the middle of what it is joined with; the best of many sweeps stays."""
    below, above = _neighbours(segments, down=True), _neighbours(segments, down=False)
    best, fewest = [list(floor) for floor in floors], _crossings(floors, segments)
    for sweep in range(_SWEEPS):
        joined, numbers = (below, range(1, len(floors))) if sweep % 2 == 0 else (above, range(len(floors) - 2, -1, -1))
        for number in numbers:
            place = {name: i / max(len(floor) - 1, 1) for floor in floors for i, name in enumerate(floor)}
            middle = {
                name: sum(place[m] for m in joined[name]) / len(joined[name]) if name in joined else place[name]
                for name in floors[number]
            }
            floors[number].sort(key=lambda name, middle=middle: (middle[name], name))  # type: ignore[misc]
        if (found := _crossings(floors, segments)) < fewest:
            best, fewest = [list(floor) for floor in floors], found
    floors[:] = best
    _swap(floors, segments)


def _swap(floors: Floors, segments: Segments) -> None:
    """Change places of neighbours while that leaves fewer crossings."""
    fewest, better = _crossings(floors, segments), True
    while better:
        better = False
        for floor in floors:
            for i in range(len(floor) - 1):
                floor[i], floor[i + 1] = floor[i + 1], floor[i]
                if (found := _crossings(floors, segments)) < fewest:
                    fewest, better = found, True
                else:
                    floor[i], floor[i + 1] = floor[i + 1], floor[i]


def _crossings(floors: Floors, segments: Segments) -> int:
    place = {name: (n, i) for n, floor in enumerate(floors) for i, name in enumerate(floor)}
    ends = [(place[upper], place[lower]) for upper, lower in segments]
    return sum(
        one[0][0] == other[0][0] and (one[0][1] - other[0][1]) * (one[1][1] - other[1][1]) < 0
        for i, one in enumerate(ends)
        for other in ends[:i]
    )


def _places(floors: Floors, segments: Segments) -> dict[str, float]:
    """The middle of each place: drawn to what it is joined with, in the order of its floor, never overlapping."""
    joined = _neighbours(segments, down=True)
    for name, others in _neighbours(segments, down=False).items():
        joined.setdefault(name, []).extend(others)
    x: dict[str, float] = {}
    for floor in floors:
        x |= _apart(floor, dict.fromkeys(floor, 0.0))
    for _ in range(_SWEEPS):
        for floor in floors:
            wanted = {m: sum(x[n] for n in joined[m]) / len(joined[m]) if m in joined else x[m] for m in floor}
            x |= _apart(floor, wanted)
    left = min(x[name] - _width(name) / 2 for floor in floors for name in floor)
    return {name: round(value - left + _MARGIN, 1) for name, value in x.items()}


def _apart(floor: list[str], wanted: Mapping[str, float]) -> dict[str, float]:
    """As near to the wanted places as the widths allow: the mean of packing from the left and from the right."""
    to_right: list[float] = []
    for i, name in enumerate(floor):
        least = to_right[-1] + _distance(floor[i - 1], name) if i else wanted[name]
        to_right.append(max(wanted[name], least))
    to_left: list[float] = []
    for i, name in reversed(list(enumerate(floor))):
        most = to_left[-1] - _distance(name, floor[i + 1]) if to_left else wanted[name]
        to_left.append(min(wanted[name], most))
    pairs = zip(floor, to_right, reversed(to_left), strict=True)
    return {name: (right + left) / 2 for name, right, left in pairs}


def _distance(one: str, other: str) -> float:
    gap = _LANE if _is_lane(one) or _is_lane(other) else _BETWEEN
    return (_width(one) + _width(other)) / 2 + gap


def _arrow(chain: list[str], x: Mapping[str, float], top: Mapping[str, float]) -> str:
    path = f"M{x[chain[0]]:.1f} {top[chain[0]] + _BOX_HEIGHT:.1f}"
    for upper, lower in pairwise(chain):
        y0, y1 = top[upper] + _BOX_HEIGHT, top[lower]
        middle = (y0 + y1) / 2
        path += f"C{x[upper]:.1f} {middle:.1f} {x[lower]:.1f} {middle:.1f} {x[lower]:.1f} {y1:.1f}"
        path += f"V{y1 + _BOX_HEIGHT:.1f}" if _is_lane(lower) else ""
    return f'<path d="{path}" fill="none" stroke="#475569" marker-end="url(#tip)"/>'


def _box(name: str, x: float, y: float, colours: Mapping[str, str]) -> str:
    width, colour = _width(name), colours.get(name.partition("/")[0], "#eeeeee")
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BOX_HEIGHT}" rx="5" '
        f'fill="{colour}" stroke="#475569"/>'
        f'<text x="{x:.1f}" y="{y + 19.5:.1f}" text-anchor="middle" fill="#0f172a">{escape(_label(name))}</text>'
    )
