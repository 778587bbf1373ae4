// What a pane can show, by the first part of its path. A further view is a further line here.

import type { Pane, View } from "../pane.js";
import { feed } from "./feed.js";
import { listing } from "./listing.js";
import { me } from "./me.js";
import { notifications } from "./notifications.js";
import { room } from "./room.js";
import { rooms } from "./rooms.js";

export { signIn } from "./sign-in.js";

export const MAKERS: Readonly<Record<string, (pane: Pane, parameters: string[]) => View>> = { feed, listing, rooms, room, notifications, me };
