// One parameter as a bar: filled to the target, a line where it sounds, a ghost where a knob of a controller waits.
//
// Dragging moves from where it stands, so that a touch alone changes nothing; with shift, or a second finger anywhere,
// ten times finer. A long press or the value opens the sheet with a field. Keys: arrows, page keys, home, end, enter.

import { clamp, digits, fromKnob, isSwitch, isWhole, text, toKnob } from './curves.js';

const LONG_PRESS_MS = 550;
const STILL_PX = 6; // a finger that moves less has not moved
const FINE = 0.1;
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
const OWN_MS = 250; // what is heard from the server within this time after a hand is older than the hand
const MANY_CHOICES = 5;

const fingers = new Set();
for (const name of ['pointerdown', 'pointerup', 'pointercancel']) {
  window.addEventListener(name, (event) => {
    if (event.pointerType !== 'touch') return;
    if (name === 'pointerdown') fingers.add(event.pointerId);
    else fingers.delete(event.pointerId);
  }, true);
}

window.addEventListener('blur', () => fingers.clear());

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== 'role') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// The unit stands behind the value, so the label does without.
export function labelOf(param) {
  return param.name.split('.')[1].replace(/_(db|cents)$/, '').replaceAll('_', ' ');
}

// context: { set(name, value), open(param), choosing() } ; choosing is true while a tap means 'learn this one'.
export function makeRow(param, index, context, label = labelOf(param)) {
  const row = make('div', { className: 'row', title: param.doc });
  row.dataset.name = param.name;
  const control = param.choices.length ? choice(param, context) : slider(param, context);
  row.append(...control.parts(label));
  row.addEventListener('click', (event) => {
    if (!context.choosing()) return;
    event.preventDefault();
    event.stopPropagation();
    context.learn(param.name);
  }, true);
  row.update = (frame) => control.update(frame.target[index], frame.actual[index], frame.ghost[index]);
  return row;
}

function slider(param, context) {
  const fill = make('i', { className: 'fill' });
  const actual = make('i', { className: 'actual' });
  const ghost = make('i', { className: 'ghost', hidden: true });
  const value = make('button', { className: 'value', tabIndex: -1 });
  const sounding = make('span', { className: 'sounding' });
  const bar = make('div', { className: 'bar', role: 'slider', tabIndex: 0 }, fill, actual, ghost);
  bar.setAttribute('aria-valuemin', param.low);
  bar.setAttribute('aria-valuemax', param.high);
  let position = 0;
  let shown = [NaN, NaN, NaN];
  let touched = -Infinity;
  let held = null;

  function draw(target, now) {
    position = toKnob(param, target);
    const place = toKnob(param, now);
    fill.style.transform = `scaleX(${position})`;
    actual.style.transform = `translateX(${100 * place}%)`;
    value.textContent = text(param, target);
    sounding.textContent = Math.abs(place - position) > 0.004 ? digits(now, 3) : '';
    bar.setAttribute('aria-valuenow', target);
    bar.setAttribute('aria-valuetext', value.textContent);
  }

  function send(wanted) {
    position = clamp(wanted, 0, 1);
    touched = performance.now();
    const number = fromKnob(param, position);
    context.set(param.name, number);
    fill.style.transform = `scaleX(${position})`;
    value.textContent = text(param, number);
  }

  bar.addEventListener('pointerdown', (event) => {
    if (event.button || context.choosing() || held) return;
    bar.setPointerCapture(event.pointerId);
    held = { id: event.pointerId, x: event.clientX, from: event.clientX, at: position, moved: false };
    held.timer = setTimeout(() => {
      release();
      context.open(param);
    }, LONG_PRESS_MS);
  });
  bar.addEventListener('pointermove', (event) => {
    if (!held || event.pointerId !== held.id) return;
    if (!held.moved && Math.abs(event.clientX - held.from) < STILL_PX) return;
    if (!held.moved) {
      held.x = held.from + Math.sign(event.clientX - held.from) * STILL_PX;
      clearTimeout(held.timer);
    }
    held.moved = true;
    const fine = event.shiftKey || fingers.size > 1 ? FINE : 1;
    held.at = clamp(held.at + (fine * (event.clientX - held.x)) / bar.clientWidth, 0, 1);
    held.x = event.clientX;
    send(held.at);
  });
  function release() {
    if (!held) return;
    clearTimeout(held.timer);
    held = null;
    touched = Math.max(touched, performance.now() - OWN_MS / 2);
  }
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    bar.addEventListener(name, (event) => event.pointerId === held?.id && release());
  }
  bar.addEventListener('contextmenu', (event) => event.preventDefault());
  bar.addEventListener('keydown', (event) => {
    const fine = event.shiftKey ? FINE : 1;
    if (event.key in STEPS) {
      const direction = STEPS[event.key];
      const step = isWhole(param) && param.curve === 'step' ? 1 / (param.high - param.low) : 0.01 * fine;
      send(position + direction * step);
    } else if (event.key === 'Home') send(0);
    else if (event.key === 'End') send(1);
    else if (event.key === 'Delete' || event.key === 'Backspace') send(toKnob(param, param.default));
    else if (event.key === 'Enter') context.open(param);
    else return;
    event.preventDefault();
  });
  value.addEventListener('click', () => context.open(param));

  return {
    parts(label) {
      bar.setAttribute('aria-label', param.name);
      return [bar, make('span', { className: 'label' }, label), sounding, value];
    },
    update(target, now, waiting) {
      if (!Object.is(waiting, shown[2])) {
        ghost.hidden = Number.isNaN(waiting);
        ghost.style.transform = `translateX(${100 * waiting}%)`;
      }
      const own = held?.moved || performance.now() - touched < OWN_MS;
      if (!own && (target !== shown[0] || now !== shown[1])) draw(target, now);
      shown = own ? [NaN, NaN, waiting] : [target, now, waiting];
    },
  };
}

function choice(param, context) {
  const toggles = isSwitch(param);
  const many = param.choices.length > MANY_CHOICES;
  const list = many
    ? make('select', { ariaLabel: param.name }, ...param.choices.map((name, number) => new Option(name, number)))
    : make('div', { className: 'choices', role: toggles ? 'group' : 'radiogroup', ariaLabel: param.name });
  const names = toggles ? ['on'] : param.choices;
  const buttons = many ? [] : names.map((name, number) => {
    const button = make('button', { role: toggles ? 'switch' : 'radio' }, name);
    button.addEventListener('click', () => {
      const now = Number(button.getAttribute('aria-checked') === 'true');
      context.set(param.name, toggles ? 1 - now : number);
    });
    return button;
  });
  list.append(...buttons);
  if (many) list.addEventListener('change', () => context.set(param.name, Number(list.value)));
  let shown = -1;
  return {
    parts: (label) => [make('span', { className: 'label' }, label), list],
    update(target) {
      if (target === shown) return;
      shown = target;
      if (many) list.value = String(target);
      buttons.forEach((button, number) => button.setAttribute('aria-checked',
        toggles ? target === 1 : target === number));
    },
  };
}
