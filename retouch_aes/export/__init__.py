"""What other programs read, and people look at: stars, sidecars, lookup tables, reports, pictures.

Stars
    star_reading.py   what a photographer has said: stars, rejects, picks, labels, in photos and sidecars
    star_rules.py     scores -> stars, and stars -> answers that a taste learns from
    stars.py          `xmp:Rating` planned, written, taken back
    xmp_packet.py     one property of an XMP packet set, every other byte kept
    xmp_places.py, tiff_places.py, splices.py   where a file keeps its packet; changing that alone
Edits that other programs go on with
    sidecar.py        what a recipe becomes there, and what is lost
    pp3.py            RawTherapee, measured
    camera_raw.py     Adobe's camera-raw namespace: sidecars and presets
    cube.py, cube_of.py   `.cube` tables: of a recipe, of a network, of pairs of colours
    projection.py     any edit as the nearest recipe of named sliders and a residual table
For people
    html_report.py    a page over a batch
    contact_sheets.py   the same as pictures to print
    side_by_side.py, picture.py, comparison.py, thumbnails.py   before and after
"""
