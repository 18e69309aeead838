// Scenes in their slots, the cues of the set, patches. A touch recalls; after STORE, or when pressed long, it stores.

import { make } from './slider.js';

const LONG_PRESS_MS = 700;

export class Scenes {
  constructor(parts, context) {
    Object.assign(this, parts, { context });
    this.storing = false;
    this.shown = [];
    this.store.addEventListener('click', () => this.arm(!this.storing));
    this.patch.addEventListener('change', () => context.ask('patch', this.patch.value));
  }

  build(hello, params) {
    this.tiles = Array.from({ length: hello.scenes }, (_, k) => this.tile(k + 1));
    this.slots.replaceChildren(...this.tiles);
    this.shown = ['stage.morph', 'stage.position', 'stage.scene_a', 'stage.scene_b'].map((name) => params.row(name));
    this.morph.replaceChildren(...this.shown);
  }

  listPatches(names) {
    const { value } = this.patch;
    this.patch.replaceChildren(...names.map((name) => new Option(name, name)));
    this.patch.value = value;
  }

  tile(number) {
    const picture = make('img', { alt: '', hidden: true });
    const tile = make('button', { className: 'slot empty' }, picture, make('b', {}, String(number)), make('span'));
    tile.dataset.scene = number;
    let timer = 0;
    let pressedLong = false;
    tile.addEventListener('pointerdown', () => {
      pressedLong = false;
      timer = setTimeout(() => {
        pressedLong = true;
        this.keep(number);
      }, LONG_PRESS_MS);
    });
    for (const name of ['pointerup', 'pointercancel', 'pointerleave']) {
      tile.addEventListener(name, () => clearTimeout(timer));
    }
    tile.addEventListener('contextmenu', (event) => event.preventDefault());
    tile.addEventListener('click', () => {
      if (pressedLong) return;
      if (this.storing) this.keep(number);
      else this.context.act('recall', number);
    });
    return tile;
  }

  keep(number) {
    this.context.act('store', number);
    this.arm(false);
  }

  arm(storing) {
    this.storing = storing;
    this.store.setAttribute('aria-pressed', storing);
    this.slots.classList.toggle('storing', storing);
  }

  // told: { slots: [{ number, name, picture }], at } ; picture counts the pictures taken for this slot, 0 for none.
  fill(told) {
    const stored = new Map(told.slots.map((slot) => [slot.number, slot]));
    this.tiles?.forEach((tile, k) => {
      const slot = stored.get(k + 1);
      const picture = tile.querySelector('img');
      tile.classList.toggle('empty', !slot);
      tile.classList.toggle('at', told.at === k + 1);
      tile.querySelector('span').textContent = slot?.name ?? '';
      picture.hidden = !slot?.picture;
      const address = `scene-${k + 1}.jpg?${slot?.picture}`;
      if (slot?.picture && picture.getAttribute('src') !== address) picture.src = address;
    });
  }

  // told: { name, cues: [text], at, follows } ; at counts from 1, 0 is before the first; follows: seconds, or null
  fillSet(told) {
    this.go.textContent = told.follows === null ? 'GO' : `GO in ${told.follows} s`;
    this.set.replaceChildren(...told.cues.map((words, k) => {
      const line = make('li', {}, make('button', {}, words));
      line.classList.toggle('at', told.at === k + 1);
      line.firstChild.addEventListener('click', () => this.context.act('cue', k + 1));
      return line;
    }));
    this.set.querySelector('.at')?.scrollIntoView({ block: 'nearest' });
  }

  fillPatch(told) {
    const known = [...this.patch.options].some((option) => option.value === told.name);
    if (!known) this.patch.append(new Option(told.name, told.name));
    this.patch.value = told.name;
  }
}
