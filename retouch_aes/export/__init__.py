"""What other programs read: star ratings, sidecars of raw developers, lookup tables, reports.

Stars
    `read_stars`, `plan_stars`, `write_stars`, `undo_stars`   xmp:Rating in photos and beside camera RAW
Edits that other programs go on with
    `write_xmp_sidecar`   Adobe's camera-raw namespace
    `write_pp3`           RawTherapee
    `Cube`                `.cube` lookup tables: of a recipe, of a network, of pairs of colours
    `project`             any result as the nearest recipe of named sliders and a residual table
For people
    `write_html_report`   one page over a batch
"""
