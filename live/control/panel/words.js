// The prompts with their weights, the negative prompt, and the time in which new words take over.
// Words are sent when they are done: with Enter, or when the field is left. What is not sent yet is marked.

import { make } from './slider.js';

export class Words {
  constructor(box, context) {
    this.box = box;
    this.context = context;
    this.fields = [];
    this.shown = [];
  }

  build(count, params) {
    this.fields = [];
    const prompts = Array.from({ length: count }, (_, k) => {
      const field = this.field(`prompt ${k + 1}`, (words) => this.context.ask('prompt', k, words));
      return make('div', { className: 'prompt' }, field, params.row(`prompt.weight${k + 1}`, `weight ${k + 1}`));
    });
    const negative = this.field('negative', (words) => this.context.ask('negative', words));
    const common = [params.row('prompt.transition'), params.row('prompt.mix', 'from 1 to 2')];
    const against = make('div', { className: 'prompt' }, negative, params.row('prompt.negative', 'away from it'));
    this.box.replaceChildren(...common, ...prompts, make('h2', {}, 'Not this'), against);
    this.shown = [...this.box.querySelectorAll('.row')];
    this.fill(this.last ?? { prompts: [], negative: '' });
  }

  field(name, send) {
    const field = make('textarea', { rows: 1, placeholder: name, maxLength: 1000, spellcheck: false });
    field.setAttribute('aria-label', name);
    field.readOnly = this.context.guest();
    const done = () => {
      if (!field.classList.contains('unsent')) return;
      field.classList.remove('unsent');
      send(field.value);
    };
    field.addEventListener('input', () => {
      field.classList.add('unsent');
      grow(field);
    });
    field.addEventListener('blur', done);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        event.preventDefault();
        done();
      } else if (event.key === 'Escape') {
        field.classList.remove('unsent');
        this.fill(this.last);
      }
    });
    this.fields.push(field);
    return field;
  }

  fill(words) {
    this.last = words;
    const texts = [...this.fields.slice(0, -1).map((_, k) => words.prompts[k] ?? ''), words.negative];
    this.fields.forEach((field, k) => {
      if (field.classList.contains('unsent') || field.value === texts[k]) return;
      field.value = texts[k];
      grow(field);
    });
  }
}

function grow(field) {
  field.style.height = '';
  if (field.scrollHeight) field.style.height = `${field.scrollHeight + 2}px`;
}
