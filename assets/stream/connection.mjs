const GOODBYE = 1000;
const FIRST_DELAY = 250;
/** A server that was restarted has its pages back within three seconds: pauses stay short so long, and then grow. */
const [SOON_DELAY, SOON_MS] = [600, 20_000];
const LONGEST_DELAY = 2000;

/**
 * One session's websocket: reconnects with growing pauses, and forgets nothing in between.
 *
 * @typedef {object} Listener
 * @property {(blob: ArrayBuffer) => void} onFrame
 * @property {(event: import("./messages.d.ts").ServerEvent) => void} onEvent
 * @property {(connected: boolean) => void} onConnected
 */
export class Connection {
  /**
   * @param {string} token
   * @param {URL} address of the stream
   * @param {Listener} listener
   */
  constructor(token, address, listener) {
    this.token = token;
    this.connected = false;
    this.bytesReceived = 0;
    this.address = new URL(address);
    this.address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.address.searchParams.set("session", token);
    this.listener = listener;
    /** @type {WebSocket|null} */
    this.socket = null;
    this.closed = false;
    /** Closed until it is opened again. */
    this.resting = false;
    this.delay = FIRST_DELAY;
    /** When the connection was lost, in milliseconds. @type {number|null} */
    this.lostAt = null;
    this.timer = 0;
    this.open();
  }

  open() {
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.delay = FIRST_DELAY;
      this.lostAt = null;
      this.#setConnected(true);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#retry(socket);
    this.socket = socket;
  }

  /** @param {import("./messages.d.ts").BrowserMessage} message */
  send(message) {
    if (this.connected) this.socket?.send(JSON.stringify(message));
  }

  /** Try at once instead of after the pause, because the network or the person is back. */
  hurry() {
    if (this.connected || this.closed || !this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.delay = FIRST_DELAY;
    this.open();
  }

  /** Say goodbye, and come back only when told so. */
  rest() {
    this.resting = true;
    clearTimeout(this.timer);
    this.timer = 0;
    this.socket?.close(GOODBYE);
    this.#setConnected(false);
  }

  /** Come back after a rest. */
  wake() {
    if (!this.resting || this.closed) return;
    this.resting = false;
    this.delay = FIRST_DELAY;
    this.open();
  }

  /** End it for good. */
  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close(GOODBYE);
    this.#setConnected(false);
  }

  /** @param {string|ArrayBuffer} data */
  #receive(data) {
    if (this.closed || this.resting) return;
    if (typeof data === "string") {
      this.bytesReceived += data.length;
      this.listener.onEvent(JSON.parse(data));
    } else {
      this.bytesReceived += data.byteLength;
      this.listener.onFrame(data);
    }
  }

  /** @param {WebSocket} socket that has closed */
  #retry(socket) {
    if (this.closed || this.resting || socket !== this.socket) return;
    this.#setConnected(false);
    // Spread out, so that a restarted server is not met by everyone in the same instant.
    const pause = this.delay * (0.75 + 0.5 * Math.random());
    this.lostAt ??= performance.now();
    const longest = performance.now() - this.lostAt < SOON_MS ? SOON_DELAY : LONGEST_DELAY;
    this.delay = Math.min(2 * this.delay, longest);
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.open();
    }, pause);
  }

  /** @param {boolean} connected */
  #setConnected(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    this.listener.onConnected(connected);
  }
}
