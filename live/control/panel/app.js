// The performer's page: joins the connection to what is shown. Nothing here decides: a button asks, the answer is what
// the next frame shows, so two pages and a MIDI controller always agree.

import { digits } from './curves.js';
import { Link } from './link.js';
import { Meters, Spectrum } from './meters.js';
import { Params } from './params.js';
import { sounding } from './pitch.js';
import { Scenes } from './scenes.js';
import { Sheet } from './sheet.js';
import { Loudest, Trace } from './trace.js';
import { Wheel } from './wheel.js';
import { Words } from './words.js';

const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const link = new Link(`ws://${location.host}/live`);
const byName = new Map();
const told = {
  midi: { devices: [], armed: '' }, tuning: { cents: [0], period: 1200, names: [], name: '' },
  message: '',
};
const STATES = ['safe', 'hold', 'record']; // actions that stay in force
let choosing = false; // the next parameter that is touched is learnt
let drawn = 0;

const context = {
  set: (name, value) => link.role === 'player' && link.set(name, value),
  ask: (...order) => link.ask(...order),
  act: (name, number) => {
    if (choosing) context.learn(number === null ? name : `${name} ${number}`);
    else link.ask('act', name, number);
  },
  open: (param) => sheet.open(param, link.frame.target[byName.get(param.name).index]),
  toggle: (name) => {
    if (choosing) context.learn(name);
    else link.ask('toggle', name);
  },
  boundTo: (name) => told.midi.bound?.[name] ?? [],
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
const sheet = new Sheet(find('#sheet'), context, params);
const words = new Words(find('#words'), context);
const scenes = new Scenes({
  slots: find('#slots'), store: find('#store'), set: find('#set'), patch: find('#patch'), morph: find('#morph'),
  go: find('#cues [data-action="go"]'),
}, context);

// A page that finds the same instrument again keeps what it has, words that are not sent yet too.
link.addEventListener('hello', ({ detail }) => {
  scenes.listPatches(detail.patches);
  if (!byName.size) build(detail);
});

function build(detail) {
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
}

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
  for (const name of STATES) press(`[data-action="${name}"]`, Boolean(detail[name]));
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

// The fixed row and every other button that is a row of actions.py or a switch.

// At hand means at once: these act when the finger comes down, the others when it is lifted. By key it is a click.
function onPress(button, act) {
  const atOnce = button.closest('#fixed, #cues');
  if (atOnce) button.addEventListener('pointerdown', (event) => event.button === 0 && act());
  button.addEventListener('click', (event) => (!atOnce || event.detail === 0) && act());
}

for (const button of all('[data-action]')) onPress(button, () => context.act(button.dataset.action, null));
for (const button of all('[data-switch]')) onPress(button, () => context.toggle(button.dataset.switch));

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

// MIDI learn.

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

// Tabs: on a phone one at a time; on a laptop the stage stays beside the others.

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

// Drawing: once for each frame of the screen, if something is new.

function draw(now) {
  requestAnimationFrame(draw);
  const { frame, count } = link;
  if (!frame || count === drawn) return;
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
