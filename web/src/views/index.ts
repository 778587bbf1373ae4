// What a pane can show, by the first part of its path: one file a view. A further view is a file and a line here.

import type { Pane, View } from "../pane.js";
import { deal } from "./deal.js";
import { deals } from "./deals.js";
import { errand, errandNew, makerMe } from "./errand.js";
import { errands, maker } from "./errands.js";
import { feed } from "./feed.js";
import { listing } from "./listing.js";
import { me } from "./me.js";
import { mine } from "./mine.js";
import { notifications } from "./notifications.js";
import { person } from "./person.js";
import { review } from "./review.js";
import { room } from "./room.js";
import { rooms } from "./rooms.js";
import { signIn } from "./sign-in.js";
import { confirm, signUp } from "./sign-up.js";
import { wallet } from "./wallet.js";

type Makers = Readonly<Record<string, (pane: Pane, parameters: string[]) => View>>;

/** For whoever is signed in. Where a path names none, it is the feed. */
export const MAKERS: Makers = { feed, listing, deals, deal, review, mine, wallet, person, rooms, room, notifications, me,
  errands, errand, "errand-new": errandNew, maker, "maker-me": makerMe };

/** For whoever is not. */
export const GUESTS: Makers = { "sign-in": signIn, "sign-up": signUp, confirm };
