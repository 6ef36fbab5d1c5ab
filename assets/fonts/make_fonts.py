"""Makes the two fonts of this folder from DejaVu Sans 2.37 (Debian package fonts-dejavu-core).

    python3 make_fonts.py /usr/share/fonts/truetype/dejavu     # needs fonttools 4

The glyphs are cut down to Latin, some Greek and the signs that pictures need, without hints and
layout tables. Two changes suit them to plotters 0.3, which draws a glyph's ink from the pen on
(losing its left bearing) and the baseline at half the font size:

* every glyph gets a contour without area at the pen, so that its bounding box begins there;
* every glyph is lowered by a quarter em, so that capitals stand in the middle of the layout box.
"""

import sys
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

CHARACTERS = [
    *range(0x20, 0x7F),      # Basic Latin
    *range(0xA0, 0x180),     # Latin-1 and Latin Extended-A
    *map(ord, "αβγδεθκλμνπρστφχψωΔΣΩ"),
    *map(ord, "–—‘’“”•…′″−±×÷≈≠≤≥∞√→←↑↓°·¼½¾²³♩♪♫♭♮♯✓✗"),
]


def make(source, target, family, style):
    font = TTFont(source)
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "FFTM", "gasp"]
    options.notdef_outline = True
    cut = Subsetter(options)
    cut.populate(unicodes=CHARACTERS)
    cut.subset(font)

    glyphs = font.getGlyphSet()
    drop = font["head"].unitsPerEm // 4
    drawn = {}
    for name in font.getGlyphOrder():
        glyph = font["glyf"][name]
        pen = TTGlyphPen(None)
        if glyph.numberOfContours != 0:
            outline = DecomposingRecordingPen(glyphs)
            glyphs[name].draw(outline)
            outline.replay(TransformPen(pen, (1, 0, 0, 1, 0, -drop)))
            base = glyph.yMin - drop
            pen.moveTo((0, base))
            pen.lineTo((0, base + 1))
            pen.lineTo((0, base + 2))
            pen.closePath()
        drawn[name] = pen.glyph()
    for name, glyph in drawn.items():
        font["glyf"][name] = glyph
        glyph.recalcBounds(font["glyf"])
        advance, _ = font["hmtx"][name]
        font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))

    for record in list(font["name"].names):
        text = {1: family, 2: style, 3: f"{family} {style}", 4: f"{family} {style}", 6: f"{family}-{style}".replace(" ", "")}
        if record.nameID in text:
            font["name"].setName(text[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID)
    font.save(target)


if __name__ == "__main__":
    folder = sys.argv[1]
    make(f"{folder}/DejaVuSans.ttf", "ricercar-sans.ttf", "Ricercar Sans", "Regular")
    make(f"{folder}/DejaVuSans-Bold.ttf", "ricercar-sans-bold.ttf", "Ricercar Sans", "Bold")
