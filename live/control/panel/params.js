// Every parameter, group by group; what is pinned; what is searched for. Rows are made when they are first shown.

import { make, makeRow } from './slider.js';

const PINNED = 'pinned';
const FOUND = 'found';
const MOST_FOUND = 60;

export class Params {
  constructor(box, groups, find, context) {
    Object.assign(this, { box, groups, find, context });
    this.shown = [];
    this.group = localStorage.getItem('live group') || 'drone';
    this.pins = JSON.parse(localStorage.getItem('live pins') || '[]');
    find.addEventListener('input', () => this.show(find.value ? FOUND : this.group));
  }

  build(params, names) {
    this.params = params;
    this.index = new Map(params.map((param, index) => [param.name, index]));
    this.groups.querySelectorAll('button').forEach((button) => button.remove());
    this.buttons = [PINNED, ...names].map((name) => {
      const button = make('button', {}, name);
      button.dataset.group = name;
      button.addEventListener('click', () => {
        this.find.value = '';
        this.group = name;
        localStorage.setItem('live group', name);
        this.show(name);
      });
      return button;
    });
    this.groups.append(...this.buttons);
    this.show(names.includes(this.group) || this.group === PINNED ? this.group : names[0]);
  }

  row(name, label) {
    const index = this.index.get(name);
    return makeRow(this.params[index], index, this.context, label);
  }

  show(group) {
    this.now = group;
    const names = this.choose(group);
    const whole = group === PINNED || group === FOUND;
    this.shown = names.map((name) => this.row(name, whole ? name.replaceAll('_', ' ') : undefined));
    this.box.replaceChildren(...this.shown);
    if (!names.length) this.box.append(make('p', { className: 'empty' }, group === PINNED
      ? 'Press a parameter long, or click on its value, and PIN it: it will be here.' : 'Nothing of that name.'));
    this.buttons.forEach((button) => button.setAttribute('aria-pressed', button.dataset.group === group));
    this.context.refresh();
  }

  choose(group) {
    if (group === PINNED) return this.pins.filter((name) => this.index.has(name));
    if (group !== FOUND) return this.params.filter((param) => param.name.startsWith(`${group}.`)).map((p) => p.name);
    const words = this.find.value.toLowerCase().split(/\s+/);
    const found = (param) => words.every((word) => `${param.name} ${param.doc}`.toLowerCase().includes(word));
    return this.params.filter(found).slice(0, MOST_FOUND).map((param) => param.name);
  }

  isPinned(name) {
    return this.pins.includes(name);
  }

  pin(name) {
    this.pins = this.isPinned(name) ? this.pins.filter((other) => other !== name) : [...this.pins, name];
    localStorage.setItem('live pins', JSON.stringify(this.pins));
    if (this.now === PINNED) this.show(PINNED);
  }
}
