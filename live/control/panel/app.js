// The performer's page: joins the connection to what is shown. Nothing here decides: a button asks, the answer is what
// the next frame shows, so two pages and a MIDI controller always agree.

import { digits, fit, parse, text } from './curves.js';
import { Link } from './link.js';
import { Meters, Spectrum } from './meters.js';
import { Params } from './params.js';
import { Scenes } from './scenes.js';
import { Loudest, Trace, Wheel, sounding } from './wheel.js';
import { Words } from './words.js';

const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const link = new Link(`ws://${location.host}/live`);
const byName = new Map();
const told = {
  midi: { devices: [], armed: '' }, tuning: { cents: [0], period: 1200, names: [], name: '' },
  message: '',
};
const STATES = new Set(['safe', 'hold', 'record']); // actions that stay in force
let choosing = false; // the next parameter that is touched is learnt
let drawn = 0;

const context = {
  set: (name, value) => link.role === 'player' && link.set(name, value),
  ask: (...order) => link.ask(...order),
  act: (name, number) => {
    if (choosing) context.learn(number === null ? name : `${name} ${number}`);
    else link.ask('act', name, number);
  },
  open: (param) => openSheet(param),
  guest: () => link.role !== 'player',
  choosing: () => choosing,
  learn: (name) => {
    choose(false);
    link.ask('learn', name);
  },
  refresh: () => { drawn = -1; },
};
const wheel = new Wheel(find('#wheel'));
const trace = new Trace(find('#trace'), find('#zoom'));
const loudest = new Loudest(find('#loudest'));
const meters = new Meters(find('#meters'));
const spectrum = new Spectrum(find('#spectrum'));
const params = new Params(find('#rows'), find('#groups'), find('#find'), context);
const words = new Words(find('#words'), context);
const scenes = new Scenes({
  slots: find('#slots'), store: find('#store'), set: find('#set'), patch: find('#patch'), morph: find('#morph'),
  go: find('#cues [data-action="go"]'),
}, context);

// ---- what is told ----

link.addEventListener('hello', ({ detail }) => {
  byName.clear();
  detail.params.forEach((param, index) => byName.set(param.name, { param, index }));
  params.build(detail.params, detail.groups);
  meters.build(detail.meters);
  words.build(detail.prompts, params);
  scenes.build(detail, params);
  link.meters = new Map(detail.meters.map((meter, index) => [meter.name, index]));
  document.body.classList.toggle('guest', detail.role !== 'player');
  for (const action of detail.actions) {
    all(`[data-action="${action.name}"]`).forEach((button) => { button.title = action.doc; });
  }
  all('[data-switch]').forEach((button) => { button.title = byName.get(button.dataset.switch).param.doc; });
});
link.addEventListener('connection', ({ detail }) => {
  document.body.classList.toggle('lost', detail !== 'live');
  if (detail !== 'live') find('#link').textContent = 'looking for the instrument …';
});
link.addEventListener('words', ({ detail }) => words.fill(detail));
link.addEventListener('scenes', ({ detail }) => scenes.fill(detail));
link.addEventListener('set', ({ detail }) => scenes.fillSet(detail));
link.addEventListener('patch', ({ detail }) => {
  scenes.fillPatch(detail);
  told.patch = detail;
  showWhere();
});
link.addEventListener('tuning', ({ detail }) => {
  told.tuning = detail;
  wheel.setTuning(detail);
  trace.clear();
  showWhere();
});
link.addEventListener('message', ({ detail }) => {
  told.message = detail;
  showMessage();
});
link.addEventListener('refused', ({ detail }) => showMessage(detail));
link.addEventListener('midi', ({ detail }) => {
  told.midi = detail;
  showLearning();
});
link.addEventListener('state', ({ detail }) => {
  for (const [name, value] of Object.entries(detail)) press(`[data-action="${name}"]`, STATES.has(name) && Boolean(value));
  find('[data-action="undo"]').disabled = !detail.undo;
  find('[data-action="redo"]').disabled = !detail.redo;
});
link.addEventListener('view', ({ detail }) => {
  const view = find('#view');
  const address = URL.createObjectURL(detail);
  view.onload = () => URL.revokeObjectURL(address);
  view.src = address;
  view.hidden = false;
});

find('#view').addEventListener('click', () => find('#view').classList.toggle('large'));

function showMessage(first = '') {
  find('#message').textContent = first || told.message || (choosing ? 'Choose a parameter or a button.' : '');
}

function showWhere() {
  find('#where').textContent = [told.patch?.name, told.tuning.name].filter(Boolean).join(' · ');
  find('#where').title = told.patch?.description ?? '';
}

// ---- the fixed row and every other button that is a row of actions.py or a switch ----

for (const button of all('[data-action]')) {
  button.addEventListener('click', () => context.act(button.dataset.action, null));
}
for (const button of all('[data-switch]')) {
  button.addEventListener('click', () => {
    if (choosing) context.learn(button.dataset.switch);
    else link.ask('toggle', button.dataset.switch);
  });
}

function press(selector, pressed) {
  all(selector).forEach((button) => {
    if (button.getAttribute('aria-pressed') !== String(pressed)) button.setAttribute('aria-pressed', pressed);
  });
}

function showFixed(frame) {
  for (const button of all('[data-switch]')) {
    press(`[data-switch="${button.dataset.switch}"]`, frame.target[byName.get(button.dataset.switch).index] === 1);
  }
  press('[data-action="panic"]', frame.silenced[0] === 1);
  const beat = frame.meters[link.meters.get('beat')];
  find('[data-action="tap"]').classList.toggle('beat', beat % 1 < 0.15);
  const morph = frame.meters[link.meters.get('morph')];
  find('#progress').style.transform = `scaleX(${morph < 1 ? morph : 0})`;
}

// ---- MIDI learn ----

find('#learn').addEventListener('click', () => {
  if (told.midi.armed) link.ask('learn', '');
  else choose(!choosing);
});

function choose(on) {
  choosing = on;
  showLearning();
}

function showLearning() {
  const { armed, advice } = told.midi;
  document.body.classList.toggle('choosing', choosing);
  press('#learn', choosing || Boolean(armed));
  all('.row.armed').forEach((row) => row.classList.remove('armed'));
  if (armed) all(`.row[data-name="${armed}"]`).forEach((row) => row.classList.add('armed'));
  find('#learn').textContent = armed ? 'CANCEL' : choosing ? 'CHOOSE …' : 'LEARN';
  showMessage(advice);
}

// ---- the sheet: one parameter, with words, a field and what else can be done with it ----

const sheet = find('#sheet');
let sheetParam = null;

function openSheet(param) {
  sheetParam = param;
  const { index } = byName.get(param.name);
  sheet.querySelector('h2').textContent = param.name;
  sheet.querySelector('.doc').textContent = param.doc;
  sheet.querySelector('.unit').textContent = param.unit;
  sheet.querySelector('.error').textContent = '';
  sheet.querySelector('.range').textContent = `${digits(param.low, 7)} … ${digits(param.high, 7)}, `
    + `default ${text(param, param.default)}`;
  sheet.querySelector('[data-do="pin"]').textContent = params.isPinned(param.name) ? 'UNPIN' : 'PIN';
  const steering = told.midi.bound?.[param.name] ?? [];
  sheet.querySelector('.bound').textContent = steering.length ? `Steered by ${steering.join(', ')}.` : '';
  sheet.querySelector('[data-do="forget"]').hidden = !steering.length;
  const field = sheet.querySelector('input');
  field.value = Number(link.frame.target[index].toPrecision(7));
  field.readOnly = context.guest();
  sheet.showModal();
  field.select();
}

sheet.querySelector('form').addEventListener('submit', (event) => {
  if (event.submitter && event.submitter.value !== 'set') return;
  const value = parse(sheet.querySelector('input').value);
  if (Number.isFinite(value)) {
    context.set(sheetParam.name, fit(sheetParam, value));
    return;
  }
  event.preventDefault();
  sheet.querySelector('.error').textContent = 'That is not a number.';
});
const deeds = {
  default: () => context.set(sheetParam.name, sheetParam.default),
  pin: () => params.pin(sheetParam.name),
  learn: () => link.ask('learn', sheetParam.name),
  forget: () => link.ask('forget', sheetParam.name),
  close: () => {},
};
for (const button of sheet.querySelectorAll('[data-do]')) {
  button.addEventListener('click', () => {
    deeds[button.dataset.do]();
    sheet.close();
  });
}
sheet.addEventListener('click', (event) => event.target === sheet && sheet.close());

// ---- tabs: on a phone one at a time; on a laptop the stage stays beside the others ----

function showTab(name) {
  document.body.dataset.tab = name;
  localStorage.setItem('live tab', name);
  all('[data-tab]').forEach((tab) => tab.matches('button')
    && tab.setAttribute('aria-selected', tab.dataset.tab === name));
  words.fill(words.last ?? { prompts: [], negative: '' });
  link.look(name === 'stage' || wide.matches);
  context.refresh();
}

const wide = matchMedia('(min-width: 900px)');
for (const tab of all('nav [data-tab]')) tab.addEventListener('click', () => showTab(tab.dataset.tab));
wide.addEventListener('change', () => showTab(document.body.dataset.tab));
showTab(localStorage.getItem('live tab') || (wide.matches ? 'params' : 'stage'));

// ---- drawing: once for each frame of the screen, if something is new ----

function draw(now) {
  requestAnimationFrame(draw);
  const { frame, count } = link;
  if (!frame || count === drawn || !byName.size) return;
  drawn = count;
  showFixed(frame);
  for (const rows of [params.shown, words.shown, scenes.shown]) {
    for (const row of rows) if (row.offsetParent) row.update(frame);
  }
  if (find('#stage').offsetParent || wide.matches) {
    const partials = sounding(frame, told.tuning);
    wheel.draw(frame, partials);
    trace.draw(partials, told.tuning, now);
    loudest.draw(partials, told.tuning, now);
    meters.draw(frame, now);
    spectrum.draw(frame);
  }
  if (link.state === 'live') {
    const trip = Number.isNaN(link.roundtrip) ? '' : ` ${digits(link.roundtrip, 2)} ms`;
    const who = link.role === 'player' ? 'live' : 'guest';
    find('#link').textContent = `${who}${trip}`;
  }
}

requestAnimationFrame(draw);
export { link, params, told };
