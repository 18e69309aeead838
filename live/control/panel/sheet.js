// One parameter with its words: a field for exact numbers, and what else can be done with it.

import { digits, fit, parse, text } from './curves.js';

export class Sheet {
  // context: { set, ask, guest(), boundTo(name): what steers it }; params: where it can be pinned.
  constructor(dialog, context, params) {
    Object.assign(this, { dialog, context, params, param: null });
    this.find('form').addEventListener('submit', (event) => this.submit(event));
    for (const button of dialog.querySelectorAll('[data-do]')) {
      button.addEventListener('click', () => {
        this[button.dataset.do]();
        dialog.close();
      });
    }
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  }

  find(selector) {
    return this.dialog.querySelector(selector);
  }

  open(param, value) {
    this.param = param;
    const steering = this.context.boundTo(param.name);
    const texts = {
      h2: param.name,
      '.doc': param.doc,
      '.unit': param.unit,
      '.error': '',
      '.range': `${digits(param.low, 7)} … ${digits(param.high, 7)}, default ${text(param, param.default)}`,
      '.bound': steering.length ? `Steered by ${steering.join(', ')}.` : '',
      '[data-do="pin"]': this.params.isPinned(param.name) ? 'UNPIN' : 'PIN',
    };
    for (const [selector, words] of Object.entries(texts)) this.find(selector).textContent = words;
    this.find('[data-do="forget"]').hidden = !steering.length;
    const field = this.find('input');
    field.value = Number(value.toPrecision(7));
    field.readOnly = this.context.guest();
    this.dialog.showModal();
    field.select();
  }

  submit(event) {
    const value = parse(this.find('input').value);
    if (Number.isFinite(value)) {
      this.context.set(this.param.name, fit(this.param, value));
      return;
    }
    event.preventDefault();
    this.find('.error').textContent = 'That is not a number.';
  }

  default() {
    this.context.set(this.param.name, this.param.default);
  }

  pin() {
    this.params.pin(this.param.name);
  }

  learn() {
    this.context.ask('learn', this.param.name);
  }

  forget() {
    this.context.ask('forget', this.param.name);
  }

  close() {
    this.param = null;
  }
}
