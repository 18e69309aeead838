// The connection: one websocket that is found again by itself. Everything the server tells arrives here as an event:
// 'connection' (lost or live), 'hello', 'view', 'refused', and one for each section by its name ('words' ...).
// Frames are not events: `frame` always holds the newest, as named arrays, and `count` tells whether it is new.

const SILENCE_MS = 3000; // without a frame the connection is taken for lost
const LONGEST_WAIT_MS = 2000;
const PING_MS = 1000;
const TAGS = { frame: 'live', view: 'view' };

export class Link extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.frame = null;
    this.count = 0;
    this.roundtrip = NaN;
    this.role = '';
    this.state = 'lost';
    this.looks = false;
    this.pending = new Map();
    this.wait = 250;
    this.silence = 0;
    this.open();
    setInterval(() => this.ask('ping', performance.now()), PING_MS);
    document.addEventListener('visibilitychange', () => {
      this.look(this.looks);
      if (!document.hidden) this.retry();
    });
    window.addEventListener('online', () => this.retry());
  }

  open() {
    this.socket?.close();
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => {
      if (this.socket === socket) this.take(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lose();
    };
    this.watch();
  }

  lose() {
    clearTimeout(this.silence);
    this.tell('lost');
    this.again = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 1.5);
  }

  retry() {
    if (this.state !== 'lost') return;
    clearTimeout(this.again);
    this.open();
  }

  // A connection may die without a word: a phone that left the network hears no close.
  watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      const { socket } = this;
      this.socket = null;
      socket.close();
      this.lose();
    }, SILENCE_MS);
  }

  tell(state) {
    if (this.state === state) return;
    this.state = state;
    this.emit('connection', state);
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  take(data) {
    if (typeof data === 'string') return this.takeWords(JSON.parse(data));
    const tag = String.fromCharCode(...new Uint8Array(data, 0, 4));
    if (tag === TAGS.view) return this.emit('view', new Blob([new Uint8Array(data, 4)], { type: 'image/jpeg' }));
    this.watch();
    this.frame = Object.fromEntries(this.layout.map(([name, first, count]) => [
      name, new Float32Array(data, 4 + 4 * first, count)]));
    this.count += 1;
    if (this.state !== 'live') this.tell('live');
    return undefined;
  }

  takeWords(told) {
    for (const [name, detail] of Object.entries(told)) {
      if (name === 'hello') this.greet(detail);
      else if (name === 'pong') this.roundtrip = performance.now() - detail;
      else this.emit(name, detail);
    }
  }

  greet(hello) {
    if (this.version && this.version !== hello.version) location.reload();
    this.version = hello.version;
    this.layout = hello.frame;
    this.role = hello.role;
    this.wait = 250;
    this.emit('hello', hello);
    this.look(this.looks);
  }

  // Orders keep their turn: what a hand moved just before goes out before a button that is pressed now.
  ask(...order) {
    this.flush();
    this.send(order);
  }

  send(order) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(order));
  }

  // A slider moves more often than is worth telling: the newest value, once for each frame of the screen.
  set(name, value) {
    if (!this.pending.size) requestAnimationFrame(() => this.flush());
    this.pending.set(name, value);
  }

  flush() {
    for (const [name, value] of this.pending) this.send(['set', name, value]);
    this.pending.clear();
  }

  look(looks) {
    this.looks = looks;
    this.ask('look', looks && !document.hidden);
  }
}
