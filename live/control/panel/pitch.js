// Pitches as the player thinks of them: cents above the root, degrees of the scale, and how far from them.

import { clamp } from './curves.js';

const QUIETEST_DB = -60; // below the loudest partial
const IN_TUNE = 1.5; // cents: drawn as true
const LONGEST_TURN = 2400; // cents; a scale that repeats later, or never, is wound by octaves
export const OFF = 25; // cents: drawn as quite off
export const OCTAVE = 1200;

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

// The angles at which degrees of the first period lie: [{ cents, name }], ascending, each angle once.
export function spokesOf(tuning) {
  const turn = turnOf(tuning);
  const places = new Map();
  tuning.cents.forEach((cents, degree) => {
    const within = Number((((cents % turn) + turn) % turn).toFixed(6)) % turn;
    const name = tuning.names[degree] || centsText(within);
    if (!places.has(within)) places.set(within, { cents: within, name });
  });
  return [...places.values()].sort((a, b) => a.cents - b.cents);
}

// The degrees of one period; the period itself is degree 0 again.
function placesOf({ cents, period }) {
  return period ? [...cents, period] : cents;
}

// Where a frequency lies: cents above the root, the nearest degree and the way from it.
export function locate(hz, root, tuning, places = placesOf(tuning)) {
  const cents = OCTAVE * Math.log2(hz / root);
  const { period } = tuning;
  const within = period ? cents - Math.floor(cents / period) * period : cents;
  let [degree, deviation] = [0, within];
  for (let k = 1; k < places.length; k += 1) {
    const way = within - places[k];
    if (Math.abs(way) < Math.abs(deviation)) [degree, deviation] = [k % tuning.cents.length, way];
  }
  return { cents, degree, deviation };
}

// The partials that are loud enough to be seen, each with its level in 0..1 and its place in the frame.
export function sounding(frame, tuning) {
  const turn = turnOf(tuning);
  const places = placesOf(tuning);
  const root = frame.root[0];
  const count = Math.min(frame.partials[0], frame.partial_hz.length);
  const levels = frame.partial_level.subarray(0, count);
  const loudest = levels.reduce((most, level) => Math.max(most, level), 1e-7);
  const found = [];
  for (let index = 0; index < count; index += 1) {
    const hz = frame.partial_hz[index];
    const db = 20 * Math.log10(levels[index] / loudest);
    if (hz > 0 && root > 0 && db > QUIETEST_DB) {
      const place = locate(hz, root, tuning, places);
      found.push({ index, hz, level: 1 - db / QUIETEST_DB, turns: place.cents / turn, ...place });
    }
  }
  return found;
}
