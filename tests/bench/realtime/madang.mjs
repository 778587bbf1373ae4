// Connections to the laptop cloud, as bare as they can be: what is measured is the server.

import { WebSocket } from "ws";
import { Cloud } from "../../chaos/cloud.mjs";
import { sideBySide } from "./figures.mjs";

export class Madang {
  name = "Madang";
  #refs = 0;

  static async start(program) {
    const madang = new Madang();
    madang.cloud = await Cloud.start(program);
    return madang;
  }

  /** Rooms with so many members each, who have it open on one connection each. */
  async fill(rooms, members, heard) {
    const people = await this.cloud.people(rooms * members);
    const seats = [];
    for (let n = 0; n < rooms; n += 1) {
      const mine = people.slice(n * members, (n + 1) * members);
      const room = await this.cloud.room(mine[0]);
      await sideBySide(mine.slice(1), 8, (person) => this.cloud.join(room, person));
      await this.cloud.settle();
      const sockets = await sideBySide(mine, 16, (person) => this.connect(person));
      for (const socket of sockets) {
        socket.on("message", (data) => {
          const frame = data.toString();
          if (frame.includes('"message.created"')) heard(/"text":"([^"]*)"/.exec(frame)?.[1] ?? "", socket);
        });
      }
      await sideBySide(sockets, 16, (socket) => this.#ask(socket, "room.open", { room: room.id }));
      seats.push({ room: room.id, sockets });
    }
    await this.cloud.settle();
    this.seats = seats;
  }

  connect(person) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.cloud.live, ["madang.v1", person.accessToken], { perMessageDeflate: false });
      socket.once("open", () => resolve(socket));
      socket.once("error", reject);
    });
  }

  #ask(socket, action, fields) {
    const ref = `r${(this.#refs += 1)}`;
    return new Promise((resolve) => {
      const listen = (data) => {
        const frame = data.toString();
        if (!frame.includes(`"${ref}"`)) return;
        socket.off("message", listen);
        resolve(JSON.parse(frame));
      };
      socket.on("message", listen);
      socket.send(JSON.stringify({ action, ref, ...fields }));
    });
  }

  /** Sends without waiting for the answer. */
  send(place, turn, text) {
    const { room, sockets } = this.seats[place];
    const socket = sockets[turn % sockets.length];
    const ref = `r${(this.#refs += 1)}`;
    socket.send(JSON.stringify({ action: "message.send", ref, room, nonce: `bench-${text.replace(/\W/g, "-")}`, text }));
  }

  weight() {
    return this.cloud.weight();
  }

  stop() {
    for (const { sockets } of this.seats ?? []) for (const socket of sockets) socket.terminate();
    return this.cloud.stop();
  }
}
