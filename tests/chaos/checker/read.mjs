// Where the checker gets what it checks: the clients' files, and the server's logs by plain requests.

import { createReadStream, readdirSync } from "node:fs";
import { createInterface } from "node:readline";

export async function histories(folder) {
  const all = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".jsonl")).sort()) {
    const events = [];
    for await (const line of createInterface({ input: createReadStream(`${folder}/${file}`) })) events.push(JSON.parse(line));
    all.push(events);
  }
  return all;
}

async function got(url, token) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** The logs of all rooms that histories tell of. Of the members, whoever was in a room from the start sees all of it. */
export async function logs(api, all) {
  const rooms = new Map();
  for (const [person] of all) {
    for (const room of person.rooms) rooms.set(room, [...(rooms.get(room) ?? []), person]);
  }
  const found = [];
  for (const [room, people] of rooms) {
    const members = [];
    for (const { account, token } of people) {
      const { seq, read, unread, since } = await got(`${api}/rooms/${room}`, token);
      members.push({ account, token, seq, read, unread, since });
    }
    const first = members.find(({ since }) => since === 0);
    if (!first) throw new Error(`${room}: nobody was there from the start`);
    const messages = [];
    let after = 0;
    for (;;) {
      const page = await got(`${api}/rooms/${room}/messages?after=${after}&limit=100`, first.token);
      messages.push(...page.items);
      if (page.nextCursor === null || page.items.length === 0) break;
      after = page.items.at(-1).seq;
    }
    found.push({ room, messages, members });
  }
  return found;
}
