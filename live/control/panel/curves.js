// Knob positions 0..1 <-> values in plain units, and values as a performer reads them; as live/params.py has it.

export const CURVES = {
  lin: [(x, a, b) => a + (b - a) * x, (v, a, b) => (v - a) / (b - a)],
  square: [(x, a, b) => a + (b - a) * x * x, (v, a, b) => Math.sqrt((v - a) / (b - a))],
  exp: [(x, a, b) => a * (b / a) ** x, (v, a, b) => Math.log(v / a) / Math.log(b / a)],
};
CURVES.step = CURVES.lin;
CURVES.count = CURVES.exp;

export const isWhole = (param) => param.curve === 'step' || param.curve === 'count';

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

export function fit(param, value) {
  const clamped = clamp(value, param.low, param.high);
  return isWhole(param) ? Math.round(clamped) : clamped;
}

export function fromKnob(param, position) {
  return fit(param, CURVES[param.curve][0](clamp(position, 0, 1), param.low, param.high));
}

export function toKnob(param, value) {
  return clamp(CURVES[param.curve][1](clamp(value, param.low, param.high), param.low, param.high), 0, 1);
}

export const isSwitch = (param) => param.choices.length === 2 && param.choices[0] === 'off' && param.choices[1] === 'on';

// Four significant digits, as many as a hand can set.
export function digits(value, count = 4) {
  if (!Number.isFinite(value)) return '–';
  const rounded = Math.abs(value) >= 10 ** count ? Math.round(value) : Number(value.toPrecision(count));
  return rounded.toString().replace('-', '−');
}

export function text(param, value) {
  if (param.choices.length) return param.choices[fit(param, value)];
  if (param.unit === 'dB' && value <= -60 && param.low === -60) return 'silent';
  return `${digits(value)} ${param.unit}`.trim();
}

// What is typed: a number in plain units, also with a comma; NaN when it is none.
export function parse(typed) {
  const plain = typed.trim().replace(',', '.').replace('−', '-');
  return plain === '' ? NaN : Number(plain);
}
