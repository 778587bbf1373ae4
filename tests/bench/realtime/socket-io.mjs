// Connections to the Socket.IO server, by its own client.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { io } from "socket.io-client";
import { sideBySide, weightOf } from "./figures.mjs";

export class SocketIo {
  name = "Socket.IO";
  #child;

  static async start() {
    const server = new SocketIo();
    server.#child = fork(fileURLToPath(new URL("socket-io-server.mjs", import.meta.url)));
    server.port = await new Promise((resolve) => server.#child.once("message", resolve));
    return server;
  }

  async fill(rooms, members, heard) {
    this.seats = [];
    for (let n = 0; n < rooms; n += 1) {
      const room = `room-${n}`;
      const sockets = await sideBySide(Array.from({ length: members }), 16, () => this.#connect());
      for (const socket of sockets) {
        socket.on("message", (_, text) => heard(text, socket));
        await socket.emitWithAck("open", room);
      }
      this.seats.push({ room, sockets });
    }
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const socket = io(`http://127.0.0.1:${this.port}`, { transports: ["websocket"], forceNew: true });
      socket.once("connect", () => resolve(socket));
      socket.once("connect_error", reject);
    });
  }

  send(place, turn, text) {
    const { room, sockets } = this.seats[place];
    sockets[turn % sockets.length].emit("send", room, text, () => undefined);
  }

  weight() {
    return weightOf(this.#child.pid);
  }

  async stop() {
    for (const { sockets } of this.seats ?? []) for (const socket of sockets) socket.disconnect();
    this.#child.kill();
  }
}
