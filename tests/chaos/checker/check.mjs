// Holds what clients saw against the server's log. It knows the contract (docs/realtime.md) and nothing of the client:
// no line of this folder comes from there.
//
// A history is the list of events of one client: `person` first, then `start` (a page opens: the screen is empty), `sent`
// (it was written), `acked` (the server answered), `shown` and `changed` (on the screen, in order), `older` (the screen is
// told anew, from an earlier message on), `unread` (what the server told), `end` (the screen at the end, one a room).
// A log is `{room, messages, members}`: every message in the order of its number, and of each member what the server
// says of them.

/** Everything that is wrong: a kind, and a sentence with the places. */
export function check(histories, logs) {
  const faults = [];
  const rooms = new Map(logs.map((log) => [log.room, new Log(log, faults)]));
  const counts = { messages: 0, sent: 0, acked: 0, shown: 0, changes: 0, unreadTold: 0, displays: 0, members: 0 };
  const written = new Map([...rooms.keys()].map((room) => [room, new Map()]));
  for (const log of rooms.values()) counts.messages += log.messages.length;
  for (const events of histories) checkHistory(events, rooms, written, counts, faults);
  for (const [room, log] of rooms) {
    log.holdsOnly(written.get(room), faults);
    counts.members += log.members.size;
    for (const [account, member] of log.members) {
      const unread = log.last - member.read;
      if (member.seq !== log.last) faults.push(["behind", `${room}: the room of ${account} ends with ${member.seq}, its log with ${log.last}`]);
      if (member.unread !== unread) faults.push(["unread", `${room}: ${account} has ${unread} unread, the server says ${member.unread}`]);
    }
  }
  return { faults, counts };
}

/** What was written stands before the first space: what follows was edited. */
const label = (text) => text?.split(" ")[0];

class Log {
  constructor({ room, messages, members }, faults) {
    this.room = room;
    this.messages = messages;
    this.members = new Map(members.map((member) => [member.account, member]));
    this.last = messages.at(-1)?.seq ?? 0;
    this.places = new Map();
    messages.forEach((message, index) => {
      if (message.seq !== index + 1) faults.push(["gap", `${room}: place ${index + 1} of the log has the number ${message.seq}`]);
      if (message.kind !== "text") return;
      const name = `${message.author} ${label(message.text)}`;
      const other = this.places.get(name);
      if (other !== undefined) faults.push(["doubled", `${room}: ${label(message.text)} is in the log as ${other} and ${message.seq}`]);
      this.places.set(name, message.seq);
    });
  }

  at(seq) {
    return this.messages[seq - 1];
  }

  /** Each message of the log was written by its author, in the order it stands there. */
  holdsOnly(written, faults) {
    const lasts = new Map();
    for (const { kind, author, text, seq } of this.messages) {
      if (kind !== "text") continue;
      const order = written.get(author)?.get(label(text));
      if (order === undefined) {
        faults.push(["invented", `${this.room}: nobody wrote ${seq}, ${text}`]);
        continue;
      }
      if (order < (lasts.get(author) ?? -1)) faults.push(["reordered", `${this.room}: ${text} (${seq}) was written before the one before it`]);
      lasts.set(author, order);
    }
  }
}

function checkHistory(events, rooms, written, counts, faults) {
  const [person] = events;
  if (person?.e !== "person") {
    faults.push(["history", "a history that does not say whose it is"]);
    return;
  }
  const { name, account } = person;
  const screens = new Map();
  const acks = new Map();
  const names = new Map();
  const ended = new Set();
  const fault = (kind, room, what) => faults.push([kind, `${room}, ${name}: ${what}`]);
  for (const event of events.slice(1)) {
    if (event.e === "start") {
      screens.clear();
      continue;
    }
    const { room } = event;
    const log = rooms.get(room);
    if (!log) {
      fault("history", room, "a room without a log");
      continue;
    }
    switch (event.e) {
      case "sent": {
        counts.sent += 1;
        const own = written.get(room).get(account) ?? new Map();
        written.get(room).set(account, own.set(event.text, own.size));
        names.set(event.nonce, event.text);
        if (!log.places.has(`${account} ${event.text}`)) fault("lost", room, `${event.text} (${event.nonce}) is not in the log`);
        break;
      }
      case "acked": {
        counts.acked += 1;
        const known = acks.get(event.nonce);
        if (known !== undefined && known !== event.seq) fault("doubled", room, `${event.nonce} was answered with ${known} and ${event.seq}`);
        acks.set(event.nonce, event.seq);
        const place = log.places.get(`${account} ${names.get(event.nonce)}`);
        if (place !== event.seq) fault("moved", room, `${event.nonce} was answered with ${event.seq} and is in the log as ${place}`);
        break;
      }
      case "older":
        screens.delete(room);
        break;
      case "shown": {
        counts.shown += 1;
        const screen = screens.get(room) ?? { last: event.seq - 1, versions: new Map() };
        screens.set(room, screen);
        if (event.seq <= screen.last) fault(screen.versions.has(event.seq) ? "doubled" : "reordered", room, `${event.seq} was shown after ${screen.last}`);
        else if (event.seq > screen.last + 1) fault("gap", room, `${event.seq} was shown after ${screen.last}`);
        screen.last = Math.max(screen.last, event.seq);
        screen.versions.set(event.seq, event.version);
        // One's own nonce in the log is an answer too.
        if (event.nonce && event.author === account) acks.set(event.nonce, event.seq);
        const logged = log.at(event.seq);
        if (!logged || logged.author !== event.author || label(logged.text) !== label(event.text)) {
          fault("other", room, `${event.seq} was shown as ${event.text} and is ${logged?.text}`);
        } else if (event.version > logged.version) fault("other", room, `${event.seq} was shown in version ${event.version} and has ${logged.version}`);
        break;
      }
      case "changed": {
        counts.changes += 1;
        const versions = screens.get(room)?.versions;
        const known = versions?.get(event.seq) ?? 0;
        if (event.version <= known) fault("wentBack", room, `${event.seq} went from version ${known} to ${event.version}`);
        versions?.set(event.seq, event.version);
        break;
      }
      case "unread": {
        counts.unreadTold += 1;
        const member = log.members.get(account);
        const read = event.seq - event.unread;
        if (event.unread < 0 || read < (member?.since ?? 0) || read > (member?.read ?? 0)) {
          fault("unread", room, `${event.unread} unread of ${event.seq} were told; from ${member?.since} to ${member?.read} was read`);
        }
        break;
      }
      case "end":
        ended.add(room);
        counts.displays += 1;
        checkEnd(event, log, account, fault);
        break;
      default:
        fault("history", room, `an unknown event ${event.e}`);
    }
  }
  for (const [nonce, text] of names) if (!acks.has(nonce)) fault("unanswered", "?", `${text} (${nonce}) was never answered`);
  for (const room of person.rooms) if (!ended.has(room)) fault("history", room, "its end is missing");
}

/** The screen at the end is the log, and counts what the server counts. */
function checkEnd(event, log, account, fault) {
  const { room, display } = event;
  const member = log.members.get(account);
  if (!member) {
    fault("history", room, "no member");
    return;
  }
  if (event.unsent > 0) fault("lost", room, `${event.unsent} still wait to be sent`);
  const expected = log.messages.filter(({ seq }) => seq > member.since);
  if (display.length !== expected.length) fault("gap", room, `${display.length} are on the screen, ${expected.length} in the log`);
  display.forEach(([seq, version, author, text, reactions], index) => {
    const logged = expected[index];
    if (!logged) return;
    if (logged.seq !== seq) fault("reordered", room, `in place of ${logged.seq} the screen has ${seq}`);
    else if (logged.version !== version) fault("version", room, `${seq} is on the screen in version ${version}, in the log in ${logged.version}`);
    else if (logged.author !== author || logged.text !== text) fault("other", room, `${seq} is on the screen as ${text}, in the log as ${logged.text}`);
    else if (spelled(logged.reactions) !== spelled(reactions)) fault("other", room, `${seq} has other reactions on the screen`);
  });
  if (event.read !== member.read) fault("unread", room, `read up to ${event.read} on the screen, to ${member.read} on the server`);
  for (const [where, unread] of [["room", event.unread], ["list", event.listed]]) {
    if (unread !== log.last - member.read) fault("unread", room, `${unread} unread in the ${where}, ${log.last - member.read} by the log`);
  }
}

const spelled = (reactions) =>
  JSON.stringify(Object.entries(reactions ?? {}).map(([word, who]) => [word, [...who].sort()]).sort());
