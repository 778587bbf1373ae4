// What a simulated client saw, one JSON line each, for the checker. What was answered is read off the wire, not asked of
// the client that is being tested.

import { createWriteStream } from "node:fs";
import { WebSocket } from "ws";

export class Record {
  #file;
  /** By what a client sent: how often it was written, and answered. */
  acked = 0;

  constructor(path) {
    this.#file = createWriteStream(path);
  }

  note(event) {
    this.#file.write(`${JSON.stringify(event)}\n`);
  }

  end() {
    return new Promise((resolve) => this.#file.end(resolve));
  }

  answered(room, nonce, message) {
    this.acked += 1;
    this.note({ e: "acked", room, nonce, seq: message.seq, text: message.text });
  }

  /** A socket that is read along, and can be killed at the client's end. */
  socket(open) {
    const record = this;
    return class extends WebSocket {
      #sends = new Map();

      constructor(url, protocols) {
        super(url, protocols, { perMessageDeflate: false });
        open.add(this);
        this.on("close", () => open.delete(this));
        this.on("message", (data) => {
          // Cheaper than to read everything twice.
          const text = data.toString();
          if (this.#sends.size > 0 && text.includes('"ack"')) {
            const frame = JSON.parse(text);
            const sent = frame.type === "ack" ? this.#sends.get(frame.ref) : undefined;
            if (sent) {
              this.#sends.delete(frame.ref);
              record.answered(sent.room, sent.nonce, frame.message);
            }
          }
          if (text.includes('"room.activity"')) {
            const frame = JSON.parse(text);
            for (const one of frame.type === "batch" ? frame.frames : [frame]) {
              if (one.type === "room.activity") record.note({ e: "unread", room: one.room, seq: one.seq, unread: one.unread });
            }
          }
        });
      }

      send(data) {
        if (data.includes('"message.send"')) {
          const frame = JSON.parse(data);
          this.#sends.set(frame.ref, frame);
        }
        super.send(data);
      }
    };
  }

  async fetch(url, init) {
    const response = await fetch(url, init);
    if (init.method === "POST" && /\/rooms\/[^/]+\/messages$/.test(url) && response.ok) {
      const { message } = await response.clone().json();
      this.answered(message.room, JSON.parse(init.body).nonce, message);
    }
    return response;
  }
}
