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
const LEAST_TURNS = 2;
const LABEL_GAP_PX = 3; // around a label; one that would touch another is left out
const INNER = 0.27; // of the radius: where the spiral begins
const LONGEST_TURN = 2400; // cents; a scale that repeats later, or never, is wound by octaves
const OCTAVE = 1200;
const ZOOMS = [6, 25, 50, 100]; // cents to either side in the trace
const TRACE_SPEED = 15; // pixels a second
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

// Cents of one turn of the wheel: the period, or the octave.
export function turnOf({ period }) {
  return !period || period > LONGEST_TURN ? OCTAVE : period;
}

// The angles at which degrees of the first period lie: [{ cents, name, degree }], ascending, each angle once.
export function spokesOf(tuning) {
  const turn = turnOf(tuning);
  const places = new Map();
  tuning.cents.forEach((cents, degree) => {
    const within = Number((((cents % turn) + turn) % turn).toFixed(6)) % turn;
    if (!places.has(within)) places.set(within, { cents: within, degree, name: tuning.names[degree] || centsText(within) });
  });
  return [...places.values()].sort((a, b) => a.cents - b.cents);
}

// Where a frequency lies: cents above the root, the nearest degree (the period is degree 0 again) and the way to it.
export function locate(hz, root, tuning) {
  const cents = OCTAVE * Math.log2(hz / root);
  const { period } = tuning;
  const within = period ? cents - Math.floor(cents / period) * period : cents;
  const places = period ? [...tuning.cents, period] : tuning.cents;
  let [degree, deviation] = [0, within];
  places.forEach((place, k) => {
    if (Math.abs(within - place) < Math.abs(deviation)) [degree, deviation] = [k % tuning.cents.length, within - place];
  });
  return { cents, degree, deviation };
}

// The partials that are loud enough to be seen, each with its level in 0..1 and its place in the frame.
export function sounding(frame, tuning) {
  const turn = turnOf(tuning);
  const root = frame.root[0];
  const count = Math.min(frame.partials[0], frame.partial_hz.length);
  const levels = frame.partial_level.subarray(0, count);
  const loudest = levels.reduce((most, level) => Math.max(most, level), 1e-7);
  const found = [];
  for (let index = 0; index < count; index += 1) {
    const hz = frame.partial_hz[index];
    const db = 20 * Math.log10(levels[index] / loudest);
    if (hz > 0 && root > 0 && db > QUIETEST_DB) {
      const place = locate(hz, root, tuning);
      found.push({ index, hz, level: 1 - db / QUIETEST_DB, turns: place.cents / turn, ...place });
    }
  }
  return found;
}

export class Wheel {
  constructor(canvas) {
    this.canvas = canvas;
    this.face = document.createElement('canvas');
    this.range = [-3, 1];
    this.setTuning({ name: '', cents: [0], period: OCTAVE, names: [] });
  }

  setTuning(tuning) {
    this.tuning = tuning;
    this.turn = turnOf(tuning);
    this.spokes = spokesOf(tuning);
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

  place(turns) {
    const [low, high] = this.range;
    const radius = this.radius * (INNER + (1 - INNER) * clamp((turns - low) / (high - low), -0.1, 1));
    const angle = 2 * Math.PI * turns - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }

  drawSpoke(context, turns) {
    const angle = 2 * Math.PI * turns - Math.PI / 2;
    const [x, y] = [Math.cos(angle) * this.radius, Math.sin(angle) * this.radius];
    context.beginPath();
    context.moveTo(x * INNER, y * INNER);
    context.lineTo(x + (8 * x) / this.radius, y + (8 * y) / this.radius);
    context.stroke();
  }

  // Everything that stays while the scale does.
  drawFace() {
    this.stale = false;
    this.face.width = this.canvas.width;
    this.face.height = this.canvas.height;
    const context = this.face.getContext('2d');
    context.font = `11px ${FONT}`;
    const wide = Math.max(...this.spokes.map(({ name }) => context.measureText(name).width));
    const { clientWidth, clientHeight } = this.canvas;
    this.radius = Math.max(20, Math.min(clientWidth / 2 - wide - 16, clientHeight / 2 - 26));
    this.center(context);
    context.lineWidth = 1;
    context.strokeStyle = 'hsl(225 14% 24%)';
    context.beginPath();
    for (let turns = this.range[0]; turns <= this.range[1]; turns += 1 / 120) context.lineTo(...this.place(turns));
    context.stroke();
    context.strokeStyle = 'hsl(225 14% 34%)';
    context.beginPath();
    context.arc(0, 0, this.radius + 4, 0, 2 * Math.PI);
    context.stroke();
    for (const { cents } of this.spokes) {
      context.strokeStyle = cents ? 'hsl(225 14% 21%)' : 'hsl(38 60% 50% / .7)';
      this.drawSpoke(context, cents / this.turn);
    }
    if (this.turn !== this.tuning.period) this.drawTicks(context);
    this.drawLabels(context);
  }

  // Where one turn is no period, the degrees stand on the spiral itself, each where it truly is.
  drawTicks(context) {
    const { cents, period } = this.tuning;
    const [low, high] = this.range.map((turns) => turns * this.turn);
    const periods = period ? [Math.floor(low / period), Math.ceil(high / period)] : [0, 0];
    context.fillStyle = 'hsl(225 20% 55%)';
    for (let k = periods[0]; k <= periods[1]; k += 1) {
      for (const place of cents) {
        const turns = (k * period + place) / this.turn;
        if (turns < this.range[0] || turns > this.range[1]) continue;
        const [x, y] = this.place(turns);
        context.beginPath();
        context.arc(x, y, 1.6, 0, 2 * Math.PI);
        context.fill();
      }
    }
  }

  drawLabels(context) {
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const taken = [];
    for (const { cents, name } of this.spokes) {
      const angle = (2 * Math.PI * cents) / this.turn - Math.PI / 2;
      context.font = `${cents ? 11 : 12}px ${FONT}`;
      context.fillStyle = cents ? 'hsl(225 14% 68%)' : 'hsl(38 70% 70%)';
      const half = context.measureText(name).width / 2;
      const x = Math.cos(angle) * (this.radius + 13 + half);
      const y = Math.sin(angle) * (this.radius + 17);
      const free = taken.every((other) => Math.abs(other.x - x) > other.half + half + LABEL_GAP_PX
        || Math.abs(other.y - y) > 12);
      if (!free) continue;
      taken.push({ x, y, half });
      context.fillText(name, x, y);
    }
  }

  // A degree that is sounded glows along its line.
  drawDegrees(context, partials) {
    const glows = new Map();
    for (const { cents, deviation, level } of partials) {
      const place = Math.round(10 * (((cents - deviation) % this.turn) + this.turn)) % Math.round(10 * this.turn);
      if (Math.abs(deviation) < OFF) glows.set(place, Math.max(glows.get(place) ?? 0, level));
    }
    context.lineWidth = 2;
    for (const [place, level] of glows) {
      context.strokeStyle = `hsl(172 45% 62% / ${0.1 + 0.4 * level})`;
      this.drawSpoke(context, place / 10 / this.turn);
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
      context.strokeStyle = colourOf(deviation, 0.16 * level);
      context.lineWidth = 1 + level;
      context.beginPath();
      for (const place of trail) context.lineTo(...this.place(place));
      context.stroke();
    }
    this.trails = trails;
    const crowds = new Map();
    const crowd = (partial) => Math.round(partial.cents - partial.deviation);
    for (const partial of partials) crowds.set(crowd(partial), (crowds.get(crowd(partial)) ?? 0) + 1);
    for (const partial of partials) {
      const { turns, deviation } = partial;
      const level = partial.level / crowds.get(crowd(partial)) ** 0.45; // a cluster shines, it does not blind
      const [x, y] = this.place(turns);
      const reach = 3 + 9 * level;
      const glow = context.createRadialGradient(x, y, 0, x, y, reach);
      glow.addColorStop(0, colourOf(deviation, 0.2 + 0.8 * level));
      glow.addColorStop(0.25, colourOf(deviation, 0.5 * level));
      glow.addColorStop(1, colourOf(deviation, 0));
      context.fillStyle = glow;
      context.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
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
  constructor(canvas, button) {
    Object.assign(this, { canvas, button, before: [], last: 0 });
    this.zoom(Number(localStorage.getItem('live trace')) || ZOOMS[1]);
    button.addEventListener('click', () => this.zoom(ZOOMS[(ZOOMS.indexOf(this.range) + 1) % ZOOMS.length]));
  }

  zoom(cents) {
    this.range = cents;
    localStorage.setItem('live trace', cents);
    this.button.textContent = `±${cents}`;
    this.clear();
  }

  clear() {
    this.before = [];
    this.canvas.getContext('2d').clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  // Scroll by the time that has passed and draw each partial on from where it was, whatever the rate of frames.
  draw(partials, tuning, now) {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    if (fitCanvas(canvas)) this.before = [];
    const context = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    const { width } = canvas;
    const foot = Math.round(16 * ratio);
    const height = canvas.height - foot;
    const step = Math.round(clamp(((now - this.last) / 1000) * TRACE_SPEED * ratio, 1, height));
    this.last = now;
    context.globalCompositeOperation = 'copy'; // what was there goes, instead of shining through
    context.drawImage(canvas, 0, 0, width, height - step, 0, step, width, height - step);
    context.globalCompositeOperation = 'source-over';
    const across = (deviation) => ((deviation / this.range + 1) / 2) * width;
    const marks = [-1, -0.5, 0, 0.5, 1];
    for (const mark of marks) {
      context.fillStyle = mark ? 'hsl(225 14% 16%)' : 'hsl(225 14% 34%)';
      context.fillRect(Math.min(width - ratio, ((mark + 1) / 2) * width), 0, ratio, step);
    }
    context.lineWidth = 1.4 * ratio;
    const here = [];
    for (const { index, degree, deviation, level } of partials) {
      here[index] = { degree, deviation };
      const from = this.before[index]?.degree === degree ? this.before[index].deviation : deviation;
      if (Math.abs(deviation) > this.range || Math.abs(from - deviation) > this.range / 2) continue;
      const turns = tuning.cents[degree] / turnOf(tuning);
      const hue = degree ? 190 + 170 * (turns - Math.floor(turns)) : 38;
      context.strokeStyle = `hsl(${hue} 65% 68% / ${0.25 + 0.6 * level})`;
      context.beginPath();
      context.moveTo(across(from), step);
      context.lineTo(across(deviation), 0);
      context.stroke();
    }
    this.before = here;
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
      const key = Math.round(10 * (partial.cents - partial.deviation)); // the degree's own place
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
