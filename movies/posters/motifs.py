"""The motifs of generated posters, each drawn on a square of 600."""

import math
from collections.abc import Callable
from typing import NamedTuple


class Colours(NamedTuple):
    ground: str
    ink: str  # the title, readable on the ground
    warm: str
    cool: str


Motif = Callable[[Colours, bytes], str]


def circle(x: float, y: float, r: float, fill: str, extra: str = "") -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="{fill}" {extra}/>'


def rectangle(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" fill="{fill}"/>'
    )


def path(d: str, fill: str, extra: str = "") -> str:
    return f'<path d="{d}" fill="{fill}" {extra}/>'


def ring(x: float, y: float, r: float, stroke: str, width: float) -> str:
    return circle(x, y, r, "none", f'stroke="{stroke}" stroke-width="{width:.0f}"')


def sundown(c: Colours, seed: bytes) -> str:
    y = 270 + seed[1] % 60
    slats = [rectangle(0, y + 14 + i * 38, 600, 8 + i * 5, c.ground) for i in range(6)]
    return circle(300, y, 215, c.warm) + "".join(slats) + rectangle(0, 540, 600, 60, c.cool)


def orbits(c: Colours, seed: bytes) -> str:
    tilt = seed[1] % 50 - 25
    places = zip(seed[:16], seed[8:24], strict=True)
    stars = [circle(x * 2.35, y * 2.35, 2 + x % 3, c.ink) for x, y in places]
    rings = [
        f'<ellipse cx="300" cy="300" rx="{rx}" ry="{rx * 0.3:.0f}" fill="none" stroke="{c.ink}" '
        f'stroke-width="{width}" transform="rotate({tilt} 300 300)"/>'
        for rx, width in ((235, 10), (268, 4), (288, 2))
    ]
    cap = path("M140 300a160 160 0 0 1 320 0z", c.warm, f'transform="rotate({tilt} 300 300)"')
    return "".join(stars) + circle(300, 300, 160, c.cool) + "".join(rings) + cap


def eye(c: Colours, seed: bytes) -> str:
    lids = path("M20 300C140 90 460 90 580 300C460 510 140 510 20 300z", c.ink)
    slit = path("M300 160C345 250 345 350 300 440C255 350 255 250 300 160z", c.ground)
    n = 13 + seed[1] % 6
    lashes = [
        path(f"M{300 + x * 0.97:.0f} {130 - bow:.0f}l12 -90l12 90z", c.warm)
        for x, bow in ((i * 480 / n - 230, 34 - (i - n / 2) ** 2) for i in range(n))
    ]
    iris = circle(300, 300, 148, c.warm) + ring(300, 300, 120, c.cool, 8)
    return "".join(lashes) + lids + iris + slit


def blinds(c: Colours, seed: bytes) -> str:
    x = 200 + seed[1] % 200
    brim = f"M{x - 190} 330q190 -46 380 0q-60 34 -120 28q14 100 -20 150q90 20 150 120"
    coat = "h-400q60 -100 150 -120q-34 -50 -20 -150q-60 6 -120 -28z"
    crown = f"M{x - 110} 318q10 -130 110 -120q100 -10 110 120z"
    slats = [rectangle(0, i * 62, 600, 22, c.cool) for i in range(10)]
    # A silhouette is dark: the smaller of two hex colours.
    figure = path(brim + coat + crown, min(c.ground, c.ink))
    return circle(x + 60, 210, 190, c.warm) + "".join(slats) + figure


def rays(c: Colours, seed: bytes) -> str:
    x, y = 180 + seed[1] % 240, 340
    n = 14
    wedges = []
    for i in range(n):
        a, b = (math.tau * (i + side) / n + seed[2] / 255 for side in (0, 0.5))
        far = [f"{x + 800 * math.cos(t):.0f} {y + 800 * math.sin(t):.0f}" for t in (a, b)]
        wedges.append(path(f"M{x} {y}L{far[0]}L{far[1]}z", c.cool if i % 2 else c.warm))
    star = [
        f"{x + r * math.cos(t):.0f} {y + r * math.sin(t):.0f}"
        for i in range(24)
        for r, t in [(170 if i % 2 else 105, math.tau * i / 24)]
    ]
    return "".join(wedges) + path(f"M{'L'.join(star)}z", c.ink) + circle(x, y, 66, c.ground)


def embrace(c: Colours, seed: bytes) -> str:
    lift = seed[1] % 70 - 35
    left, right = circle(220, 300 + lift, 175, c.warm), circle(380, 300 - lift, 175, c.cool)
    clip = f'<clipPath id="left">{left}</clipPath>'
    return clip + left + right + circle(380, 300 - lift, 175, c.ink, 'clip-path="url(#left)"')


def tiles(c: Colours, seed: bytes) -> str:
    return "".join(_tile(i % 4 * 150, i // 4 * 150, c, seed[i]) for i in range(16))


def _tile(x: int, y: int, c: Colours, chance: int) -> str:
    pairs = ((c.warm, c.ink), (c.ground, c.cool), (c.cool, c.ground), (c.ground, c.warm))
    back, front = pairs[chance // 5 % 4]
    turn = f'transform="rotate({chance // 20 % 4 * 90} {x + 75} {y + 75})"'
    quarters = f"M{x} {y}h75a75 75 0 0 1 -75 75zM{x + 150} {y + 150}h-75a75 75 0 0 1 75 -75z"
    shapes = (
        circle(x + 75, y + 75, 54, front),
        path(f"M{x} {y}h150a150 150 0 0 1 -150 150z", front, turn),
        path(f"M{x} {y + 75}a75 75 0 0 1 150 0z", front, turn),
        path(quarters, front, turn),
        ring(x + 75, y + 75, 46, front, 26),
    )
    return rectangle(x, y, 150, 150, back) + shapes[chance % 5]


def record(c: Colours, seed: bytes) -> str:
    x = 260 + seed[1] % 120
    grooves = [ring(x, 310, r, c.cool, 3) for r in range(120, 256, 18)]
    arm = path("M560 30L500 250L400 330", "none", f'stroke="{c.warm}" stroke-width="16"')
    label = circle(x, 310, 96, c.warm) + circle(x, 310, 14, c.ground)
    return circle(x, 310, 270, c.ink) + "".join(grooves) + label + arm


def mountains(c: Colours, seed: bytes) -> str:
    moon = circle(120 + seed[1] * 1.4, 170, 92, c.warm)
    a, b = 150 + seed[2] % 80, 400 + seed[3] % 90
    back = path(f"M-40 600L{a} 230L{a + 130} 420L{b} 180L660 600z", c.cool)
    front = path(f"M-60 600L{b - 190} 380L{b - 80} 470L{b + 90} 340L680 600z", c.ink)
    return moon + back + front


def moonlight(c: Colours, seed: bytes) -> str:
    crescent = path("M390 70A235 235 0 1 0 520 400A190 190 0 1 1 390 70z", c.warm)
    stars = [
        _star(60 + seed[i] * 1.9, 50 + seed[i + 9] * 1.9, 12 + seed[i + 18] % 26, c.ink)
        for i in range(9)
    ]
    return circle(300, 300, 290, c.cool) + crescent + "".join(stars)


def _star(x: float, y: float, r: float, fill: str) -> str:
    tips = ((x + r, y), (x, y + r), (x - r, y), (x, y - r))
    curves = "".join(f"Q{x:.0f} {y:.0f} {to_x:.0f} {to_y:.0f}" for to_x, to_y in tips)
    return path(f"M{x:.0f} {y - r:.0f}{curves}z", fill)


def arches(c: Colours, seed: bytes) -> str:
    shades = (c.warm, c.ground, c.cool, c.ground, c.ink)
    doors = [
        path(f"M{300 - r} 600V320a{r} {r} 0 0 1 {2 * r} 0V600z", shades[i])
        for i, r in enumerate((270, 222, 190, 148, 116))
    ]
    return "".join(doors) + circle(300, 330 + seed[1] % 60, 44, c.warm)


def tunnel(c: Colours, seed: bytes) -> str:
    turn = 5 + seed[1] % 9
    frames = []
    for i in range(9):
        half = 330 * 0.79**i
        shade = (c.cool, c.ground, c.warm)[i % 3] if i < 8 else c.ink
        frames.append(
            f'<rect x="{300 - half:.0f}" y="{300 - half:.0f}" width="{2 * half:.0f}" '
            f'height="{2 * half:.0f}" fill="{shade}" transform="rotate({i * turn} 300 300)"/>'
        )
    return "".join(frames)


def halves(c: Colours, seed: bytes) -> str:
    slip, turn = 50 + seed[1] % 110, (0, 90, 45, -45)[seed[2] % 4]
    upper = path(f"M{300 - 210 + slip // 2} 300a210 210 0 0 1 420 0z", c.warm)
    lower = path(f"M{300 - 210 - slip // 2} 300a210 210 0 0 0 420 0z", c.cool)
    dot = circle(300 + slip // 2, 236, 42, c.ink)
    return f'<g transform="rotate({turn} 300 300)">{upper}{lower}{dot}</g>'


def aperture(c: Colours, seed: bytes) -> str:
    blades = [
        path("M300 60L520 190L330 240z", shade, f'transform="rotate({i * 45} 300 300)"')
        for i, shade in enumerate((c.cool, c.ink) * 4)
    ]
    pupil = circle(300, 300, 50 + seed[1] % 24, c.ground)
    return circle(300, 300, 262, c.warm) + "".join(blades) + pupil


def lanes(c: Colours, seed: bytes) -> str:
    colours = (c.warm, c.ground, c.cool, c.ground, c.ink, c.ground, c.warm)
    curves = []
    for i, colour in enumerate(colours):
        x, width = -60 + i * 66, 20 if i % 2 else 46
        bend = f"M{x} 620C{x} {300 - i * 10} {200 + i * 60} 250 660 {20 + i * 62}"
        curves.append(path(bend, "none", f'stroke="{colour}" stroke-width="{width}"'))
    return "".join(curves) + circle(130 + seed[1] % 60, 140, 84, c.cool)


def skyline(c: Colours, seed: bytes) -> str:
    towers, x = [], -20
    for i in range(7):
        width, height = 80 + seed[i] % 40, 150 + seed[i + 7] * 300 // 255
        shade = (c.cool, c.ink)[i % 2]
        towers.append(rectangle(x, 600 - height, width, height, shade))
        for floor in range(0, height - 50, 44):
            lit = (seed[i + 14] + floor * 7) % 3
            towers.append(rectangle(x + 16 + lit * 18, 625 - height + floor, 14, 20, c.warm))
        x += width + 4
    return circle(150 + seed[22] * 1.2, 170, 120, c.warm) + "".join(towers)


def waves(c: Colours, seed: bytes) -> str:
    swell = 40 + seed[1] % 60
    rows = []
    for i, shade in enumerate((c.cool, c.ink, c.cool, c.ground, c.warm, c.cool)):
        y, shift = 280 + i * 62, -300 + (seed[i + 2] + i * 90) % 300
        crest = f"M{shift} {y}q75 {-swell} 150 0t150 0t150 0t150 0t150 0t150 0t150 0V800H{shift}z"
        rows.append(path(crest, shade))
    return circle(160 + seed[9] * 1.1, 210, 130, c.warm) + "".join(rows)


def beam(c: Colours, seed: bytes) -> str:
    x = 120 + seed[1] % 360
    light = path(
        f"M{x - 24} 150L{-120 + x * 0.4:.0f} 620H{420 + x * 0.6:.0f}L{x + 24} 150z", c.warm
    )
    core = path(f"M{x - 10} 150L{60 + x * 0.4:.0f} 620H{250 + x * 0.6:.0f}L{x + 10} 150z", c.ink)
    lamp = f'<ellipse cx="{x}" cy="135" rx="150" ry="36" fill="{c.cool}"/>'
    dome = path(f"M{x - 72} 118a72 66 0 0 1 144 0z", c.ink)
    return light + core + lamp + dome
