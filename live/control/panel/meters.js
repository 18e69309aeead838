// The figures of the instrument, each with its bar, and the spectrum in bands.

import { fitCanvas } from './canvas.js';
import { clamp, digits } from './curves.js';
import { make } from './slider.js';

const TEXT_MS = 120; // figures that change faster cannot be read
const ALARM_MS = 10000; // that a new underflow stays red
const FLOOR_DB = -100;
const FALL_DB = 0.6; // a frame, of the marks above the bands
const HIDDEN = new Set(['beat', 'gate', 'late', 'morph']);
const COUNTERS = new Set(['underflows']);

export class Meters {
  constructor(box) {
    this.box = box;
    this.rows = [];
    this.next = 0;
  }

  build(meters) {
    this.rows = meters.map((meter, index) => {
      const fill = make('i');
      const value = make('output');
      const element = make('div', { className: 'meter', title: meter.doc }, make('span', {}, meter.label), value, fill);
      element.dataset.name = meter.name;
      return { meter, index, fill, value, element, last: NaN, alarm: -Infinity };
    }).filter(({ meter }) => !HIDDEN.has(meter.name));
    this.box.replaceChildren(...this.rows.map((row) => row.element));
  }

  draw(frame, now) {
    const readable = now >= this.next;
    if (readable) this.next = now + TEXT_MS;
    for (const row of this.rows) {
      const { meter } = row;
      const value = frame.meters[row.index];
      const known = !Number.isNaN(value);
      const part = known ? clamp((value - meter.low) / (meter.high - meter.low), 0, 1) : 0;
      row.fill.style.transform = `scaleX(${COUNTERS.has(meter.name) ? 0 : part})`;
      if (COUNTERS.has(meter.name)) {
        if (value > row.last) row.alarm = now;
        row.last = value;
      }
      if (!readable) continue;
      row.value.textContent = known ? `${digits(value, COUNTERS.has(meter.name) ? 9 : 3)} ${meter.unit}` : '–';
      const warns = COUNTERS.has(meter.name) ? now - row.alarm < ALARM_MS : value >= meter.warn;
      row.element.classList.toggle('warn', known && warns);
    }
  }
}

export class Spectrum {
  constructor(canvas) {
    this.canvas = canvas;
    this.marks = [];
  }

  draw(frame) {
    const { canvas } = this;
    if (!canvas.clientWidth) return;
    fitCanvas(canvas);
    const context = canvas.getContext('2d');
    const { width, height } = canvas;
    context.clearRect(0, 0, width, height);
    const bands = frame.bands_db;
    const step = width / bands.length;
    bands.forEach((db, k) => {
      this.marks[k] = Math.max(db, (this.marks[k] ?? FLOOR_DB) - FALL_DB);
      const tall = (value) => clamp((value - FLOOR_DB) / -FLOOR_DB, 0, 1) * height;
      context.fillStyle = `hsl(${38 + (134 * k) / bands.length} 45% 55%)`;
      context.fillRect(k * step + 1, height - tall(db), step - 2, tall(db));
      context.fillStyle = 'hsl(225 14% 70% / .6)';
      context.fillRect(k * step + 1, height - tall(this.marks[k]) - 1, step - 2, 1.5);
    });
  }
}
