// The tuning wheel: one period of the scale is one turn, clockwise, the sounding root at the top. Pitch runs along a
// spiral, low tones inside, so a tone an octave (a period) higher lies further out at the same angle. Every sounding
// partial is a dot where it truly is; its colour says how far it is from the nearest degree, its trail where it drifted.
//
// Trace: the same partials over time, each against the degree nearest to it. Loudest: the same in figures.

import { clamp, digits } from './curves.js';
import { make } from './slider.js';

const QUIETEST_DB = -60; // below the loudest partial
const TRAIL = 40; // places remembered, one for each drawn frame
const IN_TUNE = 1.5; // cents: drawn as true
const OFF = 25; // cents: drawn as quite off
const LEAST_TURNS = 3;
const LABEL_PX = 15; // least distance of labels along the rim
const ZOOMS = [6, 25, 50, 100]; // cents to either side in the trace
const LISTED = 6;
const LIST_MS = 250;

export const FONT = '"Avenir Next", "Segoe UI", Inter, system-ui, "DejaVu Sans", sans-serif';

// Put a canvas to its place on the page at the screen's own resolution; true when its size has changed.
export function fitCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}

export function colourOf(deviation, alpha = 1) {
  const off = clamp((Math.abs(deviation) - IN_TUNE) / (OFF - IN_TUNE), 0, 1) ** 0.6;
  return `hsl(${172 - 152 * off} ${55 + 25 * off}% ${68 - 4 * off}% / ${alpha})`;
}

export function centsText(cents) {
  return Number(cents.toFixed(2)).toString().replace('-', '−');
}

// Where a frequency lies: turns above the root, the nearest degree (the period is degree 0 again) and the way to it.
export function locate(hz, root, tuning) {
  const cents = 1200 * Math.log2(hz / root);
  const period = tuning.period || 1200;
  const turns = cents / period;
  const within = cents - Math.floor(turns) * period;
  let [degree, deviation] = [0, within];
  const places = tuning.cents;
  for (let k = 0; k <= places.length; k += 1) {
    const distance = within - (k < places.length ? places[k] : period);
    if (Math.abs(distance) < Math.abs(deviation)) [degree, deviation] = [k % places.length, distance];
  }
  return { turns, degree, deviation };
}

// The partials that are loud enough to be seen, each with its level in 0..1 and its place in the frame.
export function sounding(frame, tuning) {
  const root = frame.root[0];
  const count = Math.min(frame.partials[0], frame.partial_hz.length);
  const levels = frame.partial_level.subarray(0, count);
  const loudest = levels.reduce((most, level) => Math.max(most, level), 1e-7);
  const found = [];
  for (let index = 0; index < count; index += 1) {
    const hz = frame.partial_hz[index];
    const db = 20 * Math.log10(levels[index] / loudest);
    if (hz > 0 && root > 0 && db > QUIETEST_DB) {
      found.push({ index, hz, level: 1 - db / QUIETEST_DB, ...locate(hz, root, tuning) });
    }
  }
  return found;
}

export class Wheel {
  constructor(canvas) {
    this.canvas = canvas;
    this.face = document.createElement('canvas');
    this.tuning = { name: '', cents: [0], period: 1200, names: [] };
    this.range = [-3, 1];
    this.trails = [];
    this.stale = true;
  }

  setTuning(tuning) {
    this.tuning = tuning;
    this.trails = [];
    this.stale = true;
  }

  draw(frame, partials) {
    if (!this.canvas.clientWidth) return;
    this.follow(partials);
    if (fitCanvas(this.canvas) || this.stale) this.drawFace();
    const context = this.canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.face, 0, 0);
    this.center(context);
    this.drawDegrees(context, partials);
    this.drawPartials(context, partials);
    this.drawRoot(context, frame);
  }

  // Let the spiral reach as far as something sounds, in whole turns, slowly enough to be followed by the eye.
  follow(partials) {
    if (!partials.length) return;
    let low = Math.floor(Math.min(...partials.map((p) => p.turns)) + 0.02);
    let high = Math.ceil(Math.max(...partials.map((p) => p.turns)) + 0.1);
    low = Math.min(low, 0);
    high = Math.max(high, low + LEAST_TURNS);
    const [a, b] = this.range;
    if (Math.abs(low - a) + Math.abs(high - b) < 0.01) return;
    this.range = [a + (low - a) * 0.15, b + (high - b) * 0.15];
    this.stale = true;
  }

  center(context) {
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, this.canvas.width / 2, this.canvas.height / 2);
  }

  get radius() {
    return Math.max(20, Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / 2 - 30);
  }

  place(turns) {
    const [low, high] = this.range;
    const inner = 0.27;
    const radius = this.radius * (inner + (1 - inner) * clamp((turns - low) / (high - low), -0.1, 1));
    const angle = 2 * Math.PI * turns - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }

  drawFace() {
    this.stale = false;
    this.face.width = this.canvas.width;
    this.face.height = this.canvas.height;
    const context = this.face.getContext('2d');
    this.center(context);
    const { radius } = this;
    context.lineWidth = 1;
    context.strokeStyle = 'hsl(225 14% 22%)';
    context.beginPath();
    for (let turns = this.range[0]; turns <= this.range[1]; turns += 1 / 120) context.lineTo(...this.place(turns));
    context.stroke();
    context.strokeStyle = 'hsl(225 14% 34%)';
    context.beginPath();
    context.arc(0, 0, radius + 5, 0, 2 * Math.PI);
    context.stroke();
    this.labels(context, radius);
  }

  labels(context, radius) {
    const { cents, period, names } = this.tuning;
    const every = Math.ceil((cents.length * LABEL_PX) / (2 * Math.PI * (radius + 14)));
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    let last = -Infinity;
    const apart = (LABEL_PX / (radius + 14) / (2 * Math.PI)) * (period || 1200);
    cents.forEach((place, degree) => {
      const angle = (2 * Math.PI * place) / (period || 1200) - Math.PI / 2;
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      context.strokeStyle = degree ? 'hsl(225 14% 22%)' : 'hsl(38 60% 50% / .6)';
      context.beginPath();
      context.moveTo(x * radius * 0.27, y * radius * 0.27);
      context.lineTo(x * (radius + 9), y * (radius + 9));
      context.stroke();
      if (degree && (degree % every || place - last < apart || (period || 1200) - place < apart)) return;
      last = place;
      const name = names[degree] || centsText(place);
      context.font = `${degree ? 11 : 12}px ${FONT}`;
      context.fillStyle = degree ? 'hsl(225 14% 66%)' : 'hsl(38 70% 70%)';
      const wide = context.measureText(name).width / 2;
      context.fillText(name, x * (radius + 13 + wide * Math.abs(x)), y * (radius + 17));
    });
  }

  // A degree that is sounded glows along its line.
  drawDegrees(context, partials) {
    const sums = new Map();
    for (const { degree, deviation, level } of partials) {
      if (Math.abs(deviation) < OFF) sums.set(degree, Math.max(sums.get(degree) ?? 0, level));
    }
    const { cents, period } = this.tuning;
    const { radius } = this;
    for (const [degree, level] of sums) {
      const angle = (2 * Math.PI * cents[degree]) / (period || 1200) - Math.PI / 2;
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      context.strokeStyle = `hsl(172 45% 62% / ${0.12 + 0.4 * level})`;
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(x * radius * 0.27, y * radius * 0.27);
      context.lineTo(x * (radius + 9), y * (radius + 9));
      context.stroke();
    }
  }

  drawPartials(context, partials) {
    context.globalCompositeOperation = 'lighter';
    const trails = [];
    for (const { index, turns, deviation, level } of partials) {
      const trail = this.trails[index] ?? [];
      // A partial that jumps is another one: its trail begins anew.
      if (trail.length && Math.abs(trail.at(-1) - turns) > 0.08) trail.length = 0;
      trail.push(turns);
      if (trail.length > TRAIL) trail.shift();
      trails[index] = trail;
      context.strokeStyle = colourOf(deviation, 0.28 * level);
      context.lineWidth = 1 + 2 * level;
      context.beginPath();
      for (const place of trail) context.lineTo(...this.place(place));
      context.stroke();
    }
    this.trails = trails;
    for (const { turns, deviation, level } of partials) {
      const [x, y] = this.place(turns);
      context.fillStyle = colourOf(deviation, 0.14 * level);
      context.beginPath();
      context.arc(x, y, 3 + 8 * level, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = colourOf(deviation, 0.25 + 0.6 * level);
      context.beginPath();
      context.arc(x, y, 0.8 + 2.6 * level, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalCompositeOperation = 'source-over';
  }

  drawRoot(context, frame) {
    const root = frame.root[0];
    const size = clamp(this.radius / 9, 12, 24);
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    context.fillStyle = 'hsl(38 70% 76%)';
    context.font = `500 ${size}px ${FONT}`;
    context.fillText(root > 0 ? root.toFixed(2) : '–', 0, size * 0.25);
    context.fillStyle = 'hsl(225 14% 60%)';
    context.font = `${Math.max(10, size * 0.5)}px ${FONT}`;
    context.fillText('Hz', 0, size * 0.95);
  }
}

export class Trace {
  constructor(canvas, group) {
    this.canvas = canvas;
    this.range = Number(localStorage.getItem('live trace')) || ZOOMS[1];
    this.buttons = ZOOMS.map((cents) => {
      const button = make('button', { title: `${cents} cents to either side` }, `±${cents}`);
      button.addEventListener('click', () => this.zoom(cents));
      return button;
    });
    group.append(...this.buttons);
    this.zoom(this.range);
  }

  zoom(cents) {
    this.range = cents;
    localStorage.setItem('live trace', cents);
    this.buttons.forEach((button, k) => button.setAttribute('aria-pressed', ZOOMS[k] === cents));
    this.clear();
  }

  clear() {
    this.canvas.getContext('2d').clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw(partials, tuning) {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    fitCanvas(canvas);
    const context = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    const { width } = canvas;
    const foot = Math.round(16 * ratio);
    const height = canvas.height - foot;
    const step = Math.max(1, Math.round(ratio));
    context.drawImage(canvas, 0, 0, width, height - step, 0, step, width, height - step);
    context.clearRect(0, 0, width, step);
    const marks = [-1, -0.5, 0, 0.5, 1];
    for (const mark of marks) {
      context.fillStyle = mark ? 'hsl(225 14% 16%)' : 'hsl(225 14% 34%)';
      context.fillRect(Math.min(width - ratio, ((mark + 1) / 2) * width), 0, ratio, step);
    }
    for (const { degree, deviation, level } of partials) {
      if (Math.abs(deviation) > this.range) continue;
      const hue = degree ? 190 + (170 * tuning.cents[degree]) / (tuning.period || 1200) : 38;
      context.fillStyle = `hsl(${hue} 65% 68% / ${0.25 + 0.75 * level})`;
      context.fillRect(((deviation / this.range + 1) / 2) * width - ratio, 0, 2 * ratio, step);
    }
    this.foot(context, width, height, foot, ratio, marks);
  }

  foot(context, width, height, foot, ratio, marks) {
    context.clearRect(0, height, width, foot);
    context.font = `${10 * ratio}px ${FONT}`;
    context.fillStyle = 'hsl(225 14% 60%)';
    context.textBaseline = 'bottom';
    for (const mark of marks) {
      context.textAlign = mark === -1 ? 'left' : mark === 1 ? 'right' : 'center';
      const cents = mark * this.range;
      const label = mark ? `${cents > 0 ? '+' : '−'}${Math.abs(cents)}` : '0 cents';
      context.fillText(label, ((mark + 1) / 2) * width, height + foot - ratio);
    }
  }
}

export class Loudest {
  constructor(list) {
    this.list = list;
    this.next = 0;
  }

  // One line for each degree and register, the loudest first.
  draw(partials, tuning, now) {
    if (now < this.next) return;
    this.next = now + LIST_MS;
    const best = new Map();
    for (const partial of partials) {
      const key = `${partial.degree} ${Math.round(partial.turns - tuning.cents[partial.degree] / (tuning.period || 1200))}`;
      if (!(best.get(key)?.level >= partial.level)) best.set(key, partial);
    }
    const lines = [...best.values()].sort((a, b) => b.level - a.level).slice(0, LISTED);
    this.list.replaceChildren(...lines.map(({ hz, degree, deviation }) => {
      const name = tuning.names[degree] || `${centsText(tuning.cents[degree])} c`;
      const off = `${deviation < 0 ? '−' : '+'}${Math.abs(deviation).toFixed(1)}`;
      const way = make('b', {}, off);
      way.style.color = colourOf(deviation);
      return make('li', {}, make('span', {}, `${digits(hz, 5)} Hz`), make('span', {}, name), way);
    }));
  }
}
