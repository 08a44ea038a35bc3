"""The page of a report: its markup, style and script, without a word of data.

The data comes as JSON in two inert script elements: one line a photo, and the thumbnails, which become
pictures only as they scroll into view. Everything that came from a file is set as text, never as markup.
"""

STYLE = """
:root { color-scheme: dark; --ground: #2b2b2b; --card: #3a3a3a; --ink: #f2f2f2; --soft: #b9b9b9;
  --on: #7fb2ff; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.4 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 1; background: #1f1f1f; padding: .6rem 1rem; display: flex;
  flex-wrap: wrap; gap: .5rem 1rem; align-items: center; border-bottom: 1px solid #000; }
h1 { font-size: 1rem; margin: 0 .5rem 0 0; }
header button, header select, header input { font: inherit; color: inherit; background: var(--card);
  border: 1px solid #555; border-radius: .4rem; padding: .25rem .6rem; }
header button[aria-pressed=true] { border-color: var(--on); color: var(--on); }
header input[type=number] { width: 4.5rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: .75rem;
  padding: .75rem 1rem 3rem; }
article { background: var(--card); border-radius: .5rem; overflow: hidden; content-visibility: auto;
  contain-intrinsic-size: 16rem 18rem; display: flex; flex-direction: column; }
article button { display: block; position: relative; width: 100%; aspect-ratio: 4 / 3; border: 0; padding: 0;
  background: #777; cursor: pointer; }
article img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
#filters { display: flex; flex-wrap: wrap; gap: .3rem; }
article button span { position: absolute; left: .4rem; top: .4rem; background: #000a; color: #fff;
  border-radius: .3rem; padding: 0 .4rem; font-size: .8rem; }
article div { padding: .5rem .6rem; overflow-wrap: anywhere; }
article p { margin: 0 0 .2rem; } .soft { color: var(--soft); font-size: .85rem; }
.failed { color: #ffb0a0; } details { font-size: .85rem; } summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; } td { padding: .05rem .3rem .05rem 0; }
td:last-child { text-align: right; white-space: nowrap; } a { color: var(--on); }
:focus-visible { outline: 2px solid var(--on); outline-offset: 2px; }
"""

SCRIPT = """
'use strict';
const photos = JSON.parse(document.getElementById('photos').textContent);
const thumbs = JSON.parse(document.getElementById('thumbs').textContent);
const main = document.querySelector('main'), limit = document.getElementById('limit');
const large = p => p.change !== null && p.change >= Number(limit.value);
const filters = {
  all: () => true, edited: p => p.group === 'edited', 'left alone': p => p.group === 'left alone',
  failed: p => p.group === 'failed', 'large change': large };
const orders = {
  'largest change': (a, b) => (b.change ?? -1) - (a.change ?? -1),
  'smallest change': (a, b) => (a.change ?? 1e9) - (b.change ?? 1e9),
  'score gained': (a, b) => (b.gain ?? -1e9) - (a.gain ?? -1e9),
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }) };
const make = (tag, text, name) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (name) node.className = name;
  return node; };
const seen = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries)
    if (isIntersecting) { target.load(); seen.unobserve(target); }
}, { rootMargin: '400px' });
function card(photo) {
  const node = make('article'), text = make('div'), [before, after] = thumbs[photo.at];
  if (before || after) {
    const view = make('button'), image = make('img'), mark = make('span');
    let shown = after ? 'after' : 'before';
    const show = () => {
      image.src = 'data:image/webp;base64,' + (shown === 'after' ? after : before);
      mark.textContent = shown; image.alt = photo.name + ', ' + shown; };
    view.type = 'button'; view.title = 'before / after'; view.load = show;
    view.onclick = () => { if (before && after) { shown = shown === 'after' ? 'before' : 'after'; show(); } };
    view.append(image, mark); node.append(view); seen.observe(view); }
  const name = make('p');
  if (photo.link) { const a = make('a', photo.name); a.href = photo.link; name.append(a); }
  else name.textContent = photo.name;
  text.append(name, make('p', photo.told, photo.group === 'failed' ? 'failed' : 'soft'));
  if (photo.recipe.length) {
    const more = make('details'), table = make('table');
    more.append(make('summary', photo.edits));
    for (const [slider, value] of photo.recipe) {
      const row = make('tr'); row.append(make('td', slider), make('td', value)); table.append(row); }
    more.append(table); text.append(more); }
  node.append(text);
  return node; }
const cards = photos.map(card);
let filter = 'all', order = 'largest change';
function draw() {
  const kept = photos.filter(filters[filter]).sort(orders[order]);
  main.replaceChildren(...kept.map(photo => cards[photo.at]));
  for (const button of document.querySelectorAll('header button')) {
    const name = button.dataset.filter;
    button.setAttribute('aria-pressed', name === filter);
    button.textContent = name + ' ' + photos.filter(filters[name]).length; }
  document.body.dataset.ready = kept.length; }
for (const name of Object.keys(filters)) {
  const button = make('button'); button.type = 'button'; button.dataset.filter = name;
  button.onclick = () => { filter = name; draw(); scrollTo(0, 0); };
  document.getElementById('filters').append(button); }
const choice = document.getElementById('order');
for (const name of Object.keys(orders)) choice.append(make('option', name));
choice.onchange = () => { order = choice.value; draw(); };
limit.oninput = draw;
draw();
"""

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title><style>{style}</style></head><body>
<header><h1>{title}</h1><span id="filters" role="group" aria-label="show"></span>
<label>sorted by <select id="order"></select></label>
<label>large from <input id="limit" type="number" min="0" step="1" value="{large}"> ΔE</label></header>
<main></main>
<script type="application/json" id="photos">"""

BETWEEN = '</script>\n<script type="application/json" id="thumbs">'
TAIL = "</script>\n<script>{script}</script></body></html>\n"
