"""Label sheets: columns, rows, margins and pitch. One table, and where each measure comes from.

Of Tom & Jerry no maker's drawing could be found; its sheets are cut with a tolerance of about a
millimetre and differ between batches. What is marked `measured=False` rests on the label's size
alone: print the calibration page first, and keep the shift with the printer. Numbers 126 and 129
are left out: no two sources agree on their size. Their sheets, like any other, can be measured
and entered as an own sheet.
"""

from dataclasses import dataclass

A4 = (210.0, 297.0)
TOM_AND_JERRY = (165.0, 210.0)  # mm; the sheet as it is fed, upright


@dataclass(frozen=True)
class Sheet:
    """Equal pieces in a grid on a sheet; all measures in millimetres from its upper left corner."""

    key: str
    name: str
    paper: tuple[float, float]  # width, height
    columns: int
    rows: int
    width: float  # of one piece
    height: float
    left: float  # of the first column
    top: float  # of the first row
    pitch_x: float  # from column to column
    pitch_y: float  # from row to row
    round: bool = False
    measured: bool = True  # False: margins are reckoned, not known
    cut: bool = False  # no label sheet: lines show where to cut

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 1:
            raise ValueError("a sheet needs a column and a row")
        if self.pitch_x < self.width - 0.01 or self.pitch_y < self.height - 0.01:
            raise ValueError("pieces overlap")
        right = self.left + (self.columns - 1) * self.pitch_x + self.width
        bottom = self.top + (self.rows - 1) * self.pitch_y + self.height
        if self.left < 0 or self.top < 0 or right > self.paper[0] + 0.5:
            raise ValueError("pieces reach beyond the sheet's width")
        if bottom > self.paper[1] + 0.5:
            raise ValueError("pieces reach beyond the sheet's height")

    @property
    def per_page(self) -> int:
        return self.columns * self.rows


def _centred(
    key: str,
    name: str,
    *,
    columns: int,
    rows: int,
    width: float,
    height: float,
    gap: tuple[float, float],
) -> Sheet:
    """A sheet of Tom & Jerry of which only the labels are known: the grid in its middle."""
    pitch_x, pitch_y = width + gap[0], height + gap[1]
    return Sheet(
        key,
        name,
        TOM_AND_JERRY,
        columns,
        rows,
        width,
        height,
        left=(TOM_AND_JERRY[0] - columns * pitch_x + gap[0]) / 2,
        top=(TOM_AND_JERRY[1] - rows * pitch_y + gap[1]) / 2,
        pitch_x=pitch_x,
        pitch_y=pitch_y,
        measured=False,
    )


# Sources, read in November 2026. Sizes and numbers of labels a sheet of Tom & Jerry as shops and
# users of the sheets give them, alike in several public label programs: 103 = 32 x 64 mm, 12;
# 107 = 18 x 50 mm, 30; 108 = 18 x 38 mm, 40; 121 = 38 x 75 mm, 10. The sheet of 107 (165 x 210 mm,
# margins 7 and 3 mm, pitch 20 and 55 mm) was measured by one such program; that of 103
# (210 x 164 mm, margins 9 and 3, gaps 7 and 4) by another.
# Avery: L7160 and L7163 as the maker's templates (avery.co.uk/template-l7160, -l7163) have them:
# 63.5 x 38.1 mm at 15.15/7.2 mm, pitch 66.04; 99.1 x 38.1 mm at 15.15/4.65 mm, pitch 101.6.
# L4731: 25.4 x 10 mm, 7 by 27, margins 13.5 and 9 mm, pitch 27.9 mm.
LABEL_SHEETS = {
    sheet.key: sheet
    for sheet in (
        #     key, name, paper, columns, rows, width, height, left, top, pitch_x, pitch_y
        Sheet("tj103", "Tom & Jerry 103 (64 × 32 mm)", (210, 164), 3, 4, 63, 31, 3, 9, 67, 38),
        Sheet("tj107", "Tom & Jerry 107 (50 × 18 mm)", TOM_AND_JERRY, 3, 10, 50, 18, 3, 7, 55, 20),
        _centred(
            "tj108", "Tom & Jerry 108 (38 × 18 mm)",
            columns=4, rows=10, width=38, height=18, gap=(2.5, 2),
        ),
        _centred(
            "tj121", "Tom & Jerry 121 (75 × 38 mm)",
            columns=2, rows=5, width=75, height=38, gap=(5, 2),
        ),
        Sheet(
            "l7160", "Avery L7160 (63,5 × 38,1 mm)",
            A4, 3, 7, 63.5, 38.1, 7.2, 15.15, 66.04, 38.1,
        ),
        Sheet(
            "l7163", "Avery L7163 (99,1 × 38,1 mm)",
            A4, 2, 7, 99.1, 38.1, 4.65, 15.15, 101.6, 38.1,
        ),
        Sheet("l4731", "Avery L4731 (25,4 × 10 mm)", A4, 7, 27, 25.4, 10, 9, 13.5, 27.9, 10),
    )
}  # fmt: skip
