"""The A/B page: a local server and a static page, by which a person's choices are collected.

Who does what
    album.py        the photos of one folder, by opaque keys; nothing else can be named
    pictures.py     a rendition -> JPEG for the screen, kept in the user's cache folder
    cache.py        that folder, and how it is kept small
    questions.py    what to ask next, prepared ahead on a thread of its own
    session.py      the answers so far and what is asked now: everything a request may do
    tendencies.py   what winners have that losers have not, in words
    estimate.py     how well the choices are predicted so far, and whether it is time to stop
    learning.py     "Learn now": a job with progress, and examples
    guard.py        who may ask: token, Host, Origin, size; and the headers of every answer
    app.py          URLs -> the session
    server.py       the port, the browser, and the end
    static/         the page: plain HTML, CSS and JavaScript

Nothing is fetched from elsewhere, and the server listens on the loopback address only.
"""
