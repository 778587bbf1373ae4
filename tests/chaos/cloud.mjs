// The laptop cloud as a process of its own, and what a test can ask of it.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export class Cloud {
  #child;
  url = "";

  /** Starts the program and waits until it answers. */
  static async start(program, options = []) {
    const cloud = new Cloud();
    cloud.#child = spawn(program, ["--memory", "--quiet", "--no-seed", "--port", "0", ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const died = new Promise((_, reject) => {
      cloud.#child.once("error", reject);
      cloud.#child.once("exit", (code) => reject(new Error(`the laptop cloud ended with ${code}`)));
    });
    died.catch(() => undefined);
    const ready = new Promise((resolve) => {
      createInterface({ input: cloud.#child.stdout }).on("line", (line) => {
        const address = /^\s+API\s+(\S+)$/.exec(line);
        if (address) resolve(address[1]);
      });
    });
    cloud.url = await Promise.race([ready, died]);
    return cloud;
  }

  get live() {
    return `${this.url.replace(/^http/, "ws")}/live`;
  }

  async ask(method, path, body, token) {
    const headers = { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    const response = await fetch(this.url + path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** People with sessions, without the arithmetic of passwords. */
  async people(count) {
    const people = [];
    while (people.length < count) {
      const { items } = await this.ask("POST", "/_local/people", { count: Math.min(200, count - people.length) });
      people.push(...items);
    }
    return people;
  }

  /** The room of a new barter of somebody's. */
  async room(host) {
    const deadline = new Date((Math.floor(Date.now() / 3_600_000) + 48) * 3_600_000).toISOString();
    const body = { kind: "barter", title: "자전거", description: "잘 나갑니다", category: "sports", wants: "캠핑 의자", deadline };
    const listing = await this.ask("POST", "/listings", body, host.accessToken);
    const room = await this.ask("POST", `/listings/${listing.id}/room`, undefined, host.accessToken);
    return { id: room.id, listing: listing.id };
  }

  async join(room, person) {
    await this.ask("POST", `/listings/${room.listing}/room`, undefined, person.accessToken);
  }

  faults(wishes) {
    return this.ask("POST", "/_local/faults", wishes);
  }

  faulted() {
    return this.ask("GET", "/_local/faults");
  }

  loseDisconnects(loseDisconnects) {
    return this.ask("POST", "/_local/sockets", { loseDisconnects });
  }

  async sockets() {
    return (await this.ask("GET", "/_local/sockets")).items;
  }

  /** Cuts a line at the cloud's end. */
  async cut(connection) {
    await this.ask("DELETE", `/_local/sockets/${encodeURIComponent(connection)}`).catch(() => undefined);
  }

  /** Waits until all that follows from what was done is done. */
  settle() {
    return this.ask("POST", "/_local/settle");
  }

  /** Memory in MB, and processor seconds so far. */
  weight() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return {
      rss: (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6,
      // The kernel counts in hundredths of a second.
      cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    };
  }

  stop() {
    return new Promise((resolve) => {
      this.#child.removeAllListeners("exit");
      this.#child.once("exit", resolve);
      this.#child.kill("SIGTERM");
      setTimeout(() => this.#child.kill("SIGKILL"), 10_000).unref();
    });
  }
}
