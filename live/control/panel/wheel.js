// The tuning wheel: one period of the scale is one turn, clockwise, the sounding root at the top. Pitch runs along a
// spiral, low tones inside, so a tone an octave (a period) higher lies further out at the same angle. Every sounding
// partial is a dot where it truly is; its colour says how far it is from the nearest degree, its trail where it drifted.

import { FONT, fitCanvas } from './canvas.js';
import { clamp } from './curves.js';
import { OCTAVE, OFF, colourOf, spokesOf, turnOf } from './pitch.js';

const TRAIL = 40; // places remembered, one for each drawn frame
const JUMP = 0.08; // turns: a partial that moves so far at once is another one
const LEAST_TURNS = 2;
const LABEL_GAP_PX = 3; // around a label; one that would touch another is left out
const INNER = 0.27; // of the radius: where the spiral begins

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
      if (trail.length && Math.abs(trail.at(-1) - turns) > JUMP) trail.length = 0;
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
