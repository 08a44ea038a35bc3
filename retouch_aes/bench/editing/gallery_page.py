"""The page of a gallery: a sheet of all pictures, and a view to judge two of them blind; without data.

Data comes as JSON in inert script elements; what came from a file is set as text, never as markup. Verdicts
stay in the browser (`localStorage`, by the number of the sheet) until they are downloaded as JSON.
"""

STYLE = """
:root { color-scheme: dark; --ground: #2b2b2b; --card: #3a3a3a; --ink: #f2f2f2; --soft: #b9b9b9;
  --on: #7fb2ff; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.4 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 2; background: #1f1f1f; padding: .5rem 1rem; display: flex;
  flex-wrap: wrap; gap: .5rem 1rem; align-items: center; border-bottom: 1px solid #000; }
h1 { font-size: 1rem; margin: 0 .5rem 0 0; } h2 { font-size: .9rem; margin: .8rem 1rem .2rem; }
button, select { font: inherit; color: inherit; background: var(--card); border: 1px solid #555;
  border-radius: .4rem; padding: .25rem .6rem; cursor: pointer; }
.row { display: flex; gap: .5rem; padding: 0 1rem; overflow-x: auto; content-visibility: auto;
  contain-intrinsic-size: 100% 15rem; }
figure { margin: 0; flex: 1 1 0; min-width: 9rem; } figcaption { color: var(--soft); font-size: .85rem; }
figure a { display: block; aspect-ratio: 4 / 3; background: #777; }
figure img { width: 100%; height: 100%; object-fit: contain; display: block; }
#judge { position: fixed; inset: 0; z-index: 3; background: #777; display: none; flex-direction: column; }
body.judging #judge { display: flex; } body.judging { overflow: hidden; }
#pair { flex: 1; display: flex; gap: 4px; min-height: 0; }
#pair div { flex: 1; position: relative; overflow: hidden; cursor: zoom-in; }
#pair img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
#pair.whole div { cursor: zoom-out; }
#pair.whole img { object-fit: none; object-position: var(--x) var(--y); }
#keys { background: #1f1f1f; padding: .5rem 1rem; display: flex; flex-wrap: wrap; gap: .5rem 1rem;
  align-items: center; justify-content: center; }
:focus-visible { outline: 2px solid var(--on); outline-offset: 2px; }
"""

SCRIPT = """
'use strict';
const read = id => JSON.parse(document.getElementById(id).textContent);
const sheet = read('sheet'), thumbs = read('thumbs'), { methods, photos, trials } = sheet;
const at = id => document.getElementById(id), place = 'retouch_aes gallery ' + sheet.id;
const make = (tag, text) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  return node; };
const seen = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries)
    if (isIntersecting) { target.src = 'data:image/webp;base64,' + target.load(); seen.unobserve(target); }
}, { rootMargin: '400px' });
photos.forEach((photo, number) => {
  const row = make('div'); row.className = 'row';
  photo.files.forEach((file, method) => {
    if (!file) return;
    const figure = make('figure'), link = make('a'), image = make('img');
    link.href = file; link.target = '_blank';
    image.alt = photo.name + ', ' + methods[method];
    image.load = () => thumbs[number][method]; seen.observe(image);
    link.append(image); figure.append(link, make('figcaption', methods[method])); row.append(figure); });
  at('all').append(make('h2', photo.name + (photo.told ? ': ' + photo.told : '')), row); });

let verdicts = {}, order = [];
try { verdicts = JSON.parse(localStorage.getItem(place)) || {}; } catch { }
const keep = () => { try { localStorage.setItem(place, JSON.stringify(verdicts)); } catch { } };
const asked = () => trials.filter(t => !t.same && (at('which').value === 'all' ||
  at('which').value === pairing(t)));
const pairing = t => methods[t.first] + ' against ' + methods[t.second];
const sides = t => t.swapped ? [t.second, t.first] : [t.first, t.second];
for (const name of ['all', ...new Set(trials.map(pairing))]) {
  const option = make('option', name); option.value = name; at('which').append(option); }
let now = null;
function next() {
  const open = asked(), left = open.filter(t => !(t.id in verdicts));
  now = left[0] || null;
  at('done').textContent = (open.length - left.length) + ' of ' + open.length + ' judged';
  at('pair').className = '';
  const images = at('pair').querySelectorAll('img');
  images.forEach((image, side) => {
    if (now) image.src = photos[now.photo].files[sides(now)[side]]; else image.removeAttribute('src'); });
  document.body.dataset.shown = now ? now.id : 'none'; }
function say(side) {
  if (!now) return;
  const first = now.swapped ? { left: 'second', right: 'first' } : { left: 'first', right: 'second' };
  verdicts[now.id] = side === 'same' ? 'same' : first[side];
  order.push(now.id); keep(); next(); }
function back() { if (order.length) { delete verdicts[order.pop()]; keep(); next(); } }
function judge(on) { document.body.classList.toggle('judging', on); if (on) next(); }
function tally() {
  const said = trials.filter(t => t.same || t.id in verdicts).map(t => ({
    photo: photos[t.photo].name, kind: photos[t.photo].kind, first: methods[t.first],
    second: methods[t.second], verdict: t.same ? 'same' : verdicts[t.id], judged: !t.same }));
  const head = { format: 'retouch_aes.gallery_tally', version: 1, sheet: sheet.id };
  return JSON.stringify({ ...head, said }, null, 1); }
at('judging').onclick = () => judge(true);
at('which').onchange = () => at('which').blur();
at('save').onclick = () => {
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([tally()], { type: 'application/json' }));
  link.download = 'tally.json'; link.click(); };
for (const button of document.querySelectorAll('#keys button'))
  button.onclick = () => ({ 1: () => say('left'), 2: () => say('same'), 3: () => say('right'),
    back, leave: () => judge(false) })[button.dataset.key]();
addEventListener('keydown', event => {
  if (!document.body.classList.contains('judging') || event.ctrlKey || event.metaKey || event.altKey) return;
  const does = { 1: () => say('left'), 2: () => say('same'), 3: () => say('right'), Backspace: back,
    Escape: () => judge(false), z: () => at('pair').classList.toggle('whole') }[event.key];
  if (does) { event.preventDefault(); does(); } });
at('pair').onclick = () => at('pair').classList.toggle('whole');
at('pair').onmousemove = event => {
  const box = event.target.closest('#pair div');
  if (!box) return;
  const { left, top, width, height } = box.getBoundingClientRect();
  at('pair').style.setProperty('--x', 100 * (event.clientX - left) / width + '%');
  at('pair').style.setProperty('--y', 100 * (event.clientY - top) / height + '%'); };
document.body.dataset.ready = photos.length;
"""

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: file: 'self';
 style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title><style>{style}</style></head><body>
<header><h1>{title}</h1><button type="button" id="judging">Judge blind</button>
<select id="which" aria-label="compare"></select>
<button type="button" id="save">Download the tally</button></header>
<main id="all"></main>
<div id="judge"><div id="pair"><div><img alt="left"></div><div><img alt="right"></div></div>
<div id="keys"><button type="button" data-key="1">1 left is better</button>
<button type="button" data-key="2">2 same</button>
<button type="button" data-key="3">3 right is better</button>
<button type="button" data-key="back">⌫ take back</button>
<button type="button" data-key="leave">Esc sheet</button><span>z or click: 100 %</span>
<span id="done"></span></div></div>
<script type="application/json" id="sheet">"""

BETWEEN = '</script>\n<script type="application/json" id="thumbs">'
TAIL = "</script>\n<script>{script}</script></body></html>\n"
