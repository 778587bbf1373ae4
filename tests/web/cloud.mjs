// The laptop cloud as a process of its own, seeded, in memory.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** A sentence about what is off, without a stack. */
export class Off extends Error {}

const PATIENCE = 60_000;

/** Starts the program on a free port and waits until it serves the page. */
export async function startCloud(program) {
  if (!existsSync(program)) throw new Off(`${program} is not there: cargo build --package local`);
  const child = spawn(program, ["--memory", "--quiet", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", resolve);
      child.kill("SIGTERM");
    });
  try {
    const url = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Off(`the laptop cloud did not say where it is within ${PATIENCE / 1000} s`)), PATIENCE);
      child.once("error", (error) => reject(new Off(`${program} cannot be started: ${error.message}`)));
      child.once("exit", (code, signal) => reject(new Off(`the laptop cloud ended with ${code ?? signal} before it served anything`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const address = /^\s+API\s+(\S+)$/.exec(line);
        if (!address) return;
        clearTimeout(late);
        resolve(address[1]);
      });
    });
    const page = await fetch(`${url}/try/`);
    if (!page.ok) throw new Off(`the laptop cloud answers ${page.status} to /try/`);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The latest code that was mailed to somebody. */
export async function mailedCode(url, email) {
  for (let tries = 0; tries < 50; tries += 1) {
    const { items } = await (await fetch(`${url}/_local/mail`)).json();
    const mail = items.findLast(({ to, code }) => to === email && code);
    if (mail) return mail.code;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Off(`no code was mailed to ${email}`);
}
