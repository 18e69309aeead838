// Drift: the partials over time, each against the degree nearest to it, and the loudest of them in figures.

import { FONT, fitCanvas } from './canvas.js';
import { clamp, digits } from './curves.js';
import { centsText, colourOf, turnOf } from './pitch.js';
import { make } from './slider.js';

const ZOOMS = [6, 25, 50, 100]; // cents to either side
const SPEED = 30; // pixels a second
const MARKS = [-1, -0.5, 0, 0.5, 1]; // of the range
const LISTED = 6;
const LIST_MS = 250;

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

  // Scroll by the time that has passed, whatever the rate of frames.
  draw(partials, tuning, now) {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    if (fitCanvas(canvas)) this.before = [];
    const context = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    const { width } = canvas;
    const foot = Math.round(16 * ratio);
    const height = canvas.height - foot;
    const step = Math.round(clamp(((now - this.last) / 1000) * SPEED * ratio, 1, height));
    this.last = now;
    context.globalCompositeOperation = 'copy'; // what was there goes, instead of shining through
    context.drawImage(canvas, 0, 0, width, height - step, 0, step, width, height - step);
    context.globalCompositeOperation = 'source-over';
    for (const mark of MARKS) {
      context.fillStyle = mark ? 'hsl(225 14% 16%)' : 'hsl(225 14% 34%)';
      context.fillRect(Math.min(width - ratio, ((mark + 1) / 2) * width), 0, ratio, step);
    }
    this.drawOn(context, partials, tuning, step, ratio);
    this.foot(context, width, height, foot, ratio);
  }

  // Draw each partial on from where it was, in a colour of its degree; the root's is amber.
  drawOn(context, partials, tuning, step, ratio) {
    const across = (deviation) => ((deviation / this.range + 1) / 2) * this.canvas.width;
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
  }

  foot(context, width, height, foot, ratio) {
    context.clearRect(0, height, width, foot);
    context.font = `${10 * ratio}px ${FONT}`;
    context.fillStyle = 'hsl(225 14% 60%)';
    context.textBaseline = 'bottom';
    for (const mark of MARKS) {
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
